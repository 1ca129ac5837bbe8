/* SPDX-License-Identifier: MIT */
/* Whether KVM works here: what was learned is kept in a file of the cache until this host boots
 * again. */
#ifndef VM_ACCEL_H
#define VM_ACCEL_H

#include <mpol/error.h>

/* Whether /dev/kvm can be opened and was not found broken since this host booted. cache may be
 * NULL. */
bool accel_kvm_worth_trying(const char *cache);
bool accel_kvm_present(void);
/* Best effort: where it cannot be written, the next machine tries again. */
void accel_remember_broken(const char *cache);

#endif
