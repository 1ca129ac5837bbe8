/* SPDX-License-Identifier: MIT */
/* `mpol check --jsonl`; see check-batch.h. */
#include <errno.h>
#include <unistd.h>
#include <stdio.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "cli/batch-line.h"
#include "cli/check-batch.h"
#include "cli/check-print.h"
#include "json/write.h"
#include "model/check.h"

#define MAX_FINDINGS 24
#define MAX_LINE     ((size_t)1 << 20)

static const struct mpol_rule rule_long_line = {
	"batch-line-too-long", EINVAL, "A line of the batch has at most a mebibyte.", NULL,
	"mpol-check(1)",       NULL,
};

static void write_kept(struct json_writer *w, const struct mpol_kept *kept,
		       const struct mpol_situation *s)
{
	struct mpol_policy back = { 0 };

	if (kept)
		back = mpol_kept_readback(kept, s);
	check_write_kept(w, kept, &back, &s->kernel);
}

static void write_findings(struct json_writer *w, const struct mpol_finding *findings, size_t n)
{
	json_key(w, "findings");
	json_begin_array(w);
	for (size_t i = 0; i < MIN(n, (size_t)MAX_FINDINGS); i++)
		check_write_finding(w, &findings[i], false);
	json_end_array(w);
}

static void write_moves(struct json_writer *w, const struct batch_line *line,
			const struct mpol_kept *accepted)
{
	struct mpol_situation s = line->situation;
	struct mpol_kept kept;

	if (!line->moved)
		return;
	json_key(w, "then");
	if (!accepted) {
		json_write_null(w);
		return;
	}
	kept = *accepted;
	json_begin_array(w);
	for (size_t i = 0; i < line->n_moves; i++) {
		s.mems_allowed = line->moves[i];
		mpol_kept_move(&kept, &s.kernel, &s.mems_allowed);
		json_begin_object(w);
		write_kept(w, &kept, &s);
		json_end_object(w);
	}
	json_end_array(w);
}

/* A name that no kernel has: it cannot even be asked. */
static size_t refuse_name(const struct batch_line *line, struct mpol_finding *f)
{
	bool mode = *line->unknown_mode;

	f->severity = MPOL_REFUSED;
	(void)mpol_fail(&f->error, &policy_rules[mode ? RULE_UNKNOWN_MODE : RULE_UNKNOWN_FLAG],
			mode ? "mode" : "flags", "no %s is called %s", mode ? "mode" : "flag",
			mode ? line->unknown_mode : line->unknown_flag);
	return 1;
}

static void write_answer(struct json_writer *w, const struct batch_line *line,
			 enum mpol_profile profile)
{
	struct mpol_finding findings[MAX_FINDINGS];
	struct mpol_kept kept = { 0 };
	struct question q;
	bool accepted;
	size_t n;

	if (*line->unknown_mode || *line->unknown_flag) {
		n = refuse_name(line, findings);
	} else {
		question_from_request(&q, &line->request, &line->situation);
		question_keep(&q, &kept);
		n = question_check(&q, &kept, profile, findings, MAX_FINDINGS);
	}
	accepted = n == 0 || findings[0].severity != MPOL_REFUSED;
	json_begin_object(w);
	json_member_bool(w, "accepted", accepted);
	json_member_string(w, "errno",
			   accepted ? NULL : check_errno_name(findings[0].error.errnum));
	write_kept(w, accepted && line->situated ? &kept : NULL, &line->situation);
	write_findings(w, findings, n);
	write_moves(w, line, accepted ? &kept : NULL);
	json_end_object(w);
	json_newline(w);
}

static int answer_error(struct json_writer *w, const struct mpol_error *err)
{
	char text[sizeof(err->where) + sizeof(err->what) + 4];

	(void)snprintf(text, sizeof(text), "%s%s%s", err->where, *err->where ? ": " : "",
		       err->what);
	json_begin_object(w);
	json_member_string(w, "error", text);
	json_end_object(w);
	json_newline(w);
	return -EINVAL;
}

int batch_answer(const char *text, size_t len, enum mpol_profile profile, struct strbuf *out)
{
	struct json_writer w = json_writer(out, JSON_LINE);
	static struct batch_line line; /* large */
	struct mpol_error err;

	if (batch_line_read(text, len, &line, &err) < 0)
		return answer_error(&w, &err);
	write_answer(&w, &line, profile);
	return 0;
}

/*
 * Answers the whole lines at the beginning of in; returns how many bytes those were. skipping: the
 * first is the rest of a line that was too long, and was answered.
 */
static size_t answer_lines(const struct strbuf *in, enum mpol_profile profile, bool *skipping,
			   struct strbuf *out, bool *malformed)
{
	size_t done = 0;

	for (;;) {
		const char *line = in->data + done, *end = memchr(line, '\n', in->len - done);

		if (!end)
			return done;
		if (!*skipping && batch_answer(line, (size_t)(end - line), profile, out) < 0)
			*malformed = true;
		*skipping = false;
		done = (size_t)(end - in->data) + 1;
	}
}

static int answer_long_line(struct strbuf *out)
{
	struct json_writer w = json_writer(out, JSON_LINE);
	struct mpol_error err;

	(void)mpol_fail(&err, &rule_long_line, "", "the line is longer than %zu bytes", MAX_LINE);
	return answer_error(&w, &err);
}

static int write_out(int fd, struct strbuf *out)
{
	int r = out->failed ? -ENOMEM : fd_write_all(fd, out->data, out->len);

	strbuf_clear(out);
	return r;
}

/* Forgets the first n bytes. */
static void drop(struct strbuf *b, size_t n)
{
	memmove(b->data, b->data + n, b->len - n);
	b->len -= n;
}

int batch_run(int in_fd, int out_fd, enum mpol_profile profile)
{
	_cleanup_(strbuf_done) struct strbuf in = { 0 }, out = { 0 };
	bool malformed = false, skipping = false;
	static char chunk[1 << 16];

	for (;;) {
		ssize_t n = read(in_fd, chunk, sizeof(chunk));
		int r;

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (n == 0 && in.len == 0)
			return malformed;
		strbuf_add(&in, n ? chunk : "\n", n ? (size_t)n : 1);
		if (in.failed)
			return -ENOMEM;
		drop(&in, answer_lines(&in, profile, &skipping, &out, &malformed));
		if (in.len > MAX_LINE && !skipping) {
			skipping = true;
			malformed = true;
			(void)answer_long_line(&out);
		}
		if (skipping)
			strbuf_clear(&in);
		r = write_out(out_fd, &out);
		if (r < 0)
			return r;
	}
}
