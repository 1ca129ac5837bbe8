/* SPDX-License-Identifier: MIT */
/*
 * Telling engines what went wrong: they show their users what the runtime wrote into the file of
 * --log, in the format of --log-format, and sometimes its stderr.
 */
#ifndef OCI_LOG_H
#define OCI_LOG_H

#include <mpol/error.h>

struct oci_log {
	const char *path; /* --log; NULL: none. A file, also "file:PATH"; journald: and syslog: are
			     left alone */
	const char *format; /* --log-format; "json", else text */
};

/*
 * Writes the error as one line of level "error" at the end of the log, and on stderr as mpol's
 * errors look. headline, "invalid memory policy mode", stands in front of it; "" for none.
 */
void oci_log_error(const struct oci_log *log, const char *headline, const struct mpol_error *err);
/*
 * The same from a hook: one line on stderr, which runtimes quote. Where the runtime throws a hook's
 * stderr away and there is no log, the line goes to the runtime's own stderr.
 */
void oci_log_hook_error(const struct oci_log *log, const char *headline,
			const struct mpol_error *err);
/* A line of level "warning" in the log only. */
void oci_log_warning(const struct oci_log *log, const char *text);

#endif
