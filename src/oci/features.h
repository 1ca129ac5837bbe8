/* SPDX-License-Identifier: MIT */
/* What a runtime behind the front can do, in the specification's form (features.md). */
#ifndef OCI_FEATURES_H
#define OCI_FEATURES_H

#include "oci/real.h"

/*
 * What the real runtime answers to `features`, with linux.memoryPolicy as the front knows it. A
 * runtime without that command (crun before 1.8.2) is described by what all runtimes do. ret is
 * freed by the caller and ends with a newline.
 */
int oci_features(const struct oci_real *real, char **ret, struct mpol_error *err);

#endif
