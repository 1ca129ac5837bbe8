/* SPDX-License-Identifier: MIT */
/* All of libmpol: declare, check, apply, observe. Tests include <mpol/test.h> as well. */
#ifndef MPOL_H
#define MPOL_H

#include <mpol/apply.h>
#include <mpol/check.h>
#include <mpol/counters.h>
#include <mpol/error.h>
#include <mpol/live.h>
#include <mpol/machine.h>
#include <mpol/nodes.h>
#include <mpol/notation.h>
#include <mpol/placement.h>
#include <mpol/policy.h>
#include <mpol/predict.h>
#include <mpol/sample.h>

#endif
