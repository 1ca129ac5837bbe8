/* SPDX-License-Identifier: MIT */
/*
 * A root with devices: a network card and a disk behind a virtio bus on node 1, a card whose node
 * is unknown, a bond of both cards, an md of a partition, and things that are nowhere.
 */
#ifndef TESTS_DEVICES_H
#define TESTS_DEVICES_H

/* Makes it, as root_make() does, and returns its descriptor. */
int devices_root(void);

#endif
