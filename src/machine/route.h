/* SPDX-License-Identifier: MIT */
/* By which network interface an address is reached: the running machine's routes. */
#ifndef MACHINE_ROUTE_H
#define MACHINE_ROUTE_H

#include <sys/socket.h>

/* The interface's index, positive, or -errno: ENETUNREACH, EAFNOSUPPORT, … */
int route_interface(const struct sockaddr *address);

#endif
