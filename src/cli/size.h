/* SPDX-License-Identifier: MIT */
/* Amounts of memory as people write them. */
#ifndef CLI_SIZE_H
#define CLI_SIZE_H

#include <stdint.h>

/*
 * "4096", "64K", "2GiB", "1.5G", "500MB", and with "/s" behind for a rate. K, M, G, T and KiB … are
 * powers of 1024, KB … are powers of 1000. False when it is none, or is 0 or above 2^62.
 */
_Bool cli_parse_size(const char *text, _Bool rate, uint64_t *ret);

#endif
