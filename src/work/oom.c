/* SPDX-License-Identifier: MIT */
/* Whether the OOM killer ended a process; see oom.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "work/oom.h"

#define RECORD_MAX   8192
#define FIRST_PID_NS 0xEFFFFFFCu /* PROC_PID_INIT_INO, include/linux/proc_ns.h */

static uint64_t read_count(int root_fd)
{
	_cleanup_free_ char *text = NULL;
	const char *at;
	size_t len;

	if (root_fd < 0 || file_read_at(root_fd, FILE_MAX_SIZE, &text, &len, "proc/vmstat") < 0)
		return 0;
	at = strstr(text, "\noom_kill ");
	return at ? strtoull(at + strlen("\noom_kill "), NULL, 10) : 0;
}

/* The kernel's messages name processes as the first PID namespace does. */
static bool names_our_pids(int root_fd)
{
	struct stat st;

	return fstatat(root_fd, "proc/self/ns/pid", &st, 0) == 0 && st.st_ino == FIRST_PID_NS;
}

void oom_open(struct oom *o, int root_fd)
{
	*o = (struct oom){ .root_fd = root_fd, .kmsg_fd = -1, .count = read_count(root_fd) };
	if (root_fd >= 0 && names_our_pids(root_fd))
		o->kmsg_fd = file_open_at(root_fd, O_RDONLY | O_NONBLOCK, "dev/kmsg");
	if (o->kmsg_fd >= 0 && lseek(o->kmsg_fd, 0, SEEK_END) < 0)
		cleanup_close(&o->kmsg_fd);
}

void oom_done(struct oom *o)
{
	cleanup_close(&o->kmsg_fd);
	*o = (struct oom)OOM_NONE;
}

static struct oom_seen *remember(struct oom *o, pid_t pid)
{
	for (size_t i = 0; i < o->n_seen; i++)
		if (o->seen[i].pid == pid)
			return &o->seen[i];
	if (o->n_seen == OOM_MAX_SEEN) /* the oldest has been asked for, or never will be */
		memmove(o->seen, o->seen + 1, --o->n_seen * sizeof(*o->seen));
	o->seen[o->n_seen] = (struct oom_seen){ .pid = pid };
	return &o->seen[o->n_seen++];
}

/* "…oom-kill:constraint=CONSTRAINT_MEMORY_POLICY,nodemask=1,cpuset=/,…,task=tests,pid=77,uid=0";
 * the other message is never left out: "Out of memory: Killed process 77 (tests) total-vm:…". */
void oom_read(struct oom *o, const char *record)
{
	const char *summary = strstr(record, "oom-kill:constraint="), *pid;
	const char *killed = strstr(record, "Killed process ");
	char constraint[40] = "", nodes[24] = "";
	struct oom_seen *s;

	if (killed)
		(void)remember(o, atoi(killed + strlen("Killed process ")));
	pid = summary ? strstr(summary, ",pid=") : NULL;
	if (!pid)
		return;
	(void)sscanf(summary, "oom-kill:constraint=%39[^,],nodemask=%23[^c]", constraint, nodes);
	nodes[strcspn(nodes, "(")] = '\0'; /* "(null)": any */
	if (*nodes && nodes[strlen(nodes) - 1] == ',')
		nodes[strlen(nodes) - 1] = '\0';
	s = remember(o, atoi(pid + strlen(",pid=")));
	(void)snprintf(s->how, sizeof(s->how), "%s%s%s", constraint, *nodes ? ", nodes " : "",
		       nodes);
}

static void read_messages(struct oom *o)
{
	char record[RECORD_MAX];
	ssize_t n;

	if (o->kmsg_fd < 0)
		return;
	/* EPIPE: messages were lost, and it goes on with the next there is. */
	while ((n = read(o->kmsg_fd, record, sizeof(record) - 1)) > 0 ||
	       (n < 0 && errno == EPIPE)) {
		record[MAX(n, (ssize_t)0)] = '\0';
		oom_read(o, record);
	}
}

bool oom_killed(struct oom *o, pid_t pid, char how[OOM_HOW])
{
	how[0] = '\0';
	read_messages(o);
	for (size_t i = 0; i < o->n_seen; i++)
		if (o->seen[i].pid == pid) {
			(void)snprintf(how, OOM_HOW, "%s", o->seen[i].how);
			o->count++;
			return true;
		}
	/* Messages that can be read would have told. */
	if (o->kmsg_fd >= 0 || read_count(o->root_fd) <= o->count)
		return false;
	o->count++;
	return true;
}
