/* SPDX-License-Identifier: MIT */
/* The few macros that every room uses. */
#ifndef BASE_MACROS_H
#define BASE_MACROS_H

#include <stddef.h>
#include <string.h>

#define ELEMENTSOF(a)	  (sizeof(a) / sizeof((a)[0]))
#define MIN(a, b)	  ((a) < (b) ? (a) : (b))
#define MAX(a, b)	  ((a) > (b) ? (a) : (b))
#define STREQ(a, b)	  (strcmp((a), (b)) == 0)
#define STARTS(s, prefix) (strncmp((s), (prefix), strlen(prefix)) == 0)

#endif
