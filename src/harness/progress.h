/* SPDX-License-Identifier: MIT */
/*
 * The line on a terminal that tells how far a long run is: "[3/12] bind_stays on 2n4l, Linux
 * 6.1.0 (7 s)". It is on standard error, below everything else, and gone when the run ends; nowhere
 * but on a terminal.
 */
#ifndef HARNESS_PROGRESS_H
#define HARNESS_PROGRESS_H

#include "base/strbuf.h"

#include <stdbool.h>
#include <stddef.h>

struct progress {
	int fd; /* -1: no terminal, nothing is shown */
	bool shown;
	unsigned width;
	size_t done, planned;
	double begun; /* CLOCK_MONOTONIC, seconds */
};

/* fd: shown there when it is a terminal. */
void progress_begin(struct progress *p, int fd, size_t planned);
/* Draws the line anew: what runs now, at any rate: at most some times a second when unchanged. */
void progress_show(struct progress *p, const char *test, const char *machine, size_t machines);
/* Takes the line away, so that something else can be written; it comes back with the next show. */
void progress_hide(struct progress *p);
/* How long to wait at most, in milliseconds for poll(2), until it has to be drawn anew; -1: for
 * ever. */
int progress_timeout(const struct progress *p);

/* The line, cut to width columns (0: never), for progress_show(). */
void progress_text(const struct progress *p, double now, const char *test, const char *machine,
		   size_t machines, struct strbuf *out);

#endif
