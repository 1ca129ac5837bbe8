/* SPDX-License-Identifier: MIT */
/* How `mpol machine` looks: the same facts as text and as JSON. */
#ifndef CLI_MACHINE_VIEW_H
#define CLI_MACHINE_VIEW_H

#include <mpol/machine.h>

#include "base/strbuf.h"
#include "view/style.h"

/* pid: of the process that was asked about; 0: this one, or the recording's. */
void machine_view_text(const struct mpol_machine *m, pid_t pid, const struct view_style *style,
		       struct strbuf *out);
void machine_view_json(const struct mpol_machine *m, pid_t pid, struct strbuf *out);

#endif
