/* SPDX-License-Identifier: MIT */
/* apt with a state of its own; see apt.h. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "vm/apt.h"
#include "vm/child.h"

#include "base/cleanup.h"
#include "base/file.h"
#include "base/macros.h"
#include "base/strbuf.h"

static const struct mpol_rule rule_download = {
	"vm-kernel-download",
	EIO,
	"A kernel that is not here comes from the distribution's package archive.",
	"give one with --kernel FILE, or $MPOL_KERNEL",
	"apt-get(8)",
	NULL,
};

static const struct {
	const char *distribution, *fallback, *security, *keyring, *keyring_package;
} archives[] = {
	{ "debian", "http://deb.debian.org/debian", "http://deb.debian.org/debian-security",
	  "/usr/share/keyrings/debian-archive-keyring.gpg", "debian-archive-keyring" },
	{ "ubuntu", "http://archive.ubuntu.com/ubuntu", "http://security.ubuntu.com/ubuntu",
	  "/usr/share/keyrings/ubuntu-archive-keyring.gpg", "ubuntu-keyring" },
};

/* The value of NAME=value or NAME="value" in an environment file. */
static void value_of(const char *text, const char *name, char *ret, size_t size)
{
	size_t len = strlen(name);

	*ret = '\0';
	for (const char *line = text; line && *line;
	     line = strchr(line, '\n') ? strchr(line, '\n') + 1 : NULL) {
		const char *value = line + len + 1;

		if (strncmp(line, name, len) != 0 || line[len] != '=')
			continue;
		value += *value == '"';
		(void)snprintf(ret, size, "%.*s", (int)strcspn(value, "\"\n"), value);
	}
}

void apt_host(char distribution[32], char codename[32])
{
	_cleanup_close_ int root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	_cleanup_free_ char *text = NULL;

	distribution[0] = codename[0] = '\0';
	if (root < 0 || file_read_at(root, FILE_MAX_SIZE, &text, NULL, "etc/os-release") < 0)
		return;
	value_of(text, "ID", distribution, 32);
	value_of(text, "VERSION_CODENAME", codename, 32);
}

/* The last error that apt told, without its "E: ". */
static int fail(struct mpol_error *err, const char *what, const char *said)
{
	const char *last = said && *said ? said : "(nothing said)";

	for (const char *p = said; p && *p; p = strchr(p, '\n') ? strchr(p, '\n') + 1 : NULL)
		if (STARTS(p, "E: ") || STARTS(p, "dpkg"))
			last = p + (STARTS(p, "E: ") ? 3 : 0);
	return mpol_fail(err, &rule_download, what, "%.*s", (int)strcspn(last, "\n"), last);
}

static int run(const char *program, const struct strv *options, const char *const *more,
	       const char *directory, char **out, char **said)
{
	static const char *const env[] = { "LC_ALL=C.UTF-8", "DEBIAN_FRONTEND=noninteractive",
					   NULL };
	_cleanup_(strv_done) struct strv argv = { 0 };

	strv_add(&argv, program);
	for (size_t i = 0; i < options->n; i++)
		strv_add(&argv, options->v[i]);
	for (; *more; more++)
		strv_add(&argv, *more);
	if (argv.failed)
		return -ENOMEM;
	return child_run(&(struct child){ (const char *const *)argv.v, env, directory }, out, said);
}

/* Where the host gets a suite of this distribution from: "URI RELEASE" lines of its own sources. */
static void mirror_of(const char *release, bool security, const char *fallback, char ret[PATH_MAX])
{
	_cleanup_free_ char *out = NULL;
	const char *const argv[] = { "apt-get",
				     "indextargets",
				     "--format",
				     "$(REPO_URI) $(RELEASE)",
				     "Created-By: Packages",
				     NULL };
	char *save = NULL;

	(void)snprintf(ret, PATH_MAX, "%s", fallback);
	if (child_run(&(struct child){ .argv = argv }, &out, NULL) != 0)
		return;
	for (char *line = strtok_r(out, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *space = strchr(line, ' ');
		size_t len = strlen(release);

		if (!space || strncmp(space + 1, release, len) != 0 ||
		    !STREQ(space + 1 + len, security ? "-security" : ""))
			continue;
		(void)snprintf(ret, PATH_MAX, "%.*s", (int)(space - line), line);
		return;
	}
}

static void put_source(struct strbuf *b, const char *keyring, const char *uri, const char *suite,
		       const char *pocket)
{
	strbuf_printf(b, "deb [signed-by=%s] %s %s%s main\n", keyring, uri, suite, pocket);
}

/* The suite, and where it has them its updates and security fixes. */
static int write_sources(const char *path, const struct apt_suite *suite, struct mpol_error *err)
{
	char host[32], codename[32], uri[PATH_MAX], security[PATH_MAX];
	_cleanup_(strbuf_done) struct strbuf b = { 0 };
	_cleanup_close_ int fd = -1;
	size_t a = 0;

	while (a < ELEMENTSOF(archives) - 1 &&
	       !STREQ(archives[a].distribution, suite->distribution))
		a++;
	if (access(archives[a].keyring, R_OK) < 0) {
		(void)mpol_fail(err, &rule_download, suite->name,
				"the keys of %s's archive are not here", suite->distribution);
		return mpol_hint(err, "apt-get install %s, or give a kernel with --kernel FILE",
				 archives[a].keyring_package);
	}
	apt_host(host, codename);
	if (!STREQ(host, suite->distribution))
		codename[0] = '\0'; /* the host's mirror has something else */
	mirror_of(*codename ? codename : "\n", false, archives[a].fallback, uri);
	mirror_of(*codename ? codename : "\n", true, archives[a].security, security);
	put_source(&b, archives[a].keyring, uri, suite->name, "");
	if (!STREQ(suite->name, "sid")) {
		put_source(&b, archives[a].keyring, uri, suite->name, "-updates");
		put_source(&b, archives[a].keyring, security, suite->name, "-security");
	}
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	if (b.failed || fd < 0 || fd_write_all(fd, b.data, b.len) < 0)
		return mpol_fail_errno(err, &rule_download, errno ? errno : ENOMEM, path,
				       "it cannot be written: %s", strerror(errno));
	return 0;
}

int apt_prepare(const char *cache, const struct apt_suite *suite, struct strv *v,
		struct mpol_error *err)
{
	static const char *const directories[] = {
		"",	  "/lists",	     "/lists/partial",
		"/cache", "/cache/archives", "/cache/archives/partial"
	};
	_cleanup_free_ char *said = NULL;
	char base[PATH_MAX - 64], path[PATH_MAX];
	int r;

	if (!suite)
		return 0;
	if (snprintf(base, sizeof(base), "%s/apt", cache) >= (int)sizeof(base) ||
	    (mkdir(base, 0755) < 0 && errno != EEXIST) ||
	    snprintf(base, sizeof(base), "%s/apt/%s", cache, suite->name) >= (int)sizeof(base))
		return mpol_fail_errno(err, &rule_download, errno, cache, "%s", strerror(errno));
	for (size_t i = 0; i < ELEMENTSOF(directories); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", base, directories[i]);
		if (mkdir(path, 0755) < 0 && errno != EEXIST)
			return mpol_fail_errno(err, &rule_download, errno, path,
					       "it cannot be made: %s", strerror(errno));
	}
	(void)snprintf(path, sizeof(path), "%s/sources.list", base);
	r = write_sources(path, suite, err);
	if (r < 0)
		return r;
	strv_addf(v, "-oDir::Etc::SourceList=%s", path);
	strv_add(v, "-oDir::Etc::SourceParts=/dev/null");
	strv_add(v, "-oDir::Etc::Preferences=/dev/null");
	strv_add(v, "-oDir::Etc::PreferencesParts=/dev/null");
	strv_addf(v, "-oDir::State::Lists=%s/lists", base);
	strv_add(v, "-oDir::State::Status=/dev/null");
	strv_addf(v, "-oDir::Cache=%s/cache", base);
	strv_add(v, "-oAPT::Architecture=amd64");
	strv_add(v, "-oAPT::Architectures=amd64");
	strv_add(v, "-oAPT::Sandbox::User="); /* the directories are this user's alone */
	strv_add(v, "-oAcquire::Languages=none");
	strv_add(v, "-oAcquire::Retries=2");
	r = run("apt-get", v, (const char *const[]){ "-qq", "update", NULL }, NULL, NULL, &said);
	if (r == 0)
		return 0;
	return r < 0 ? mpol_fail_errno(err, &rule_download, -r, suite->name, "%s", strerror(-r))
		     : fail(err, suite->name, said);
}

int apt_depends(const struct strv *options, const char *package, char **ret)
{
	_cleanup_free_ char *out = NULL;
	struct strbuf b = { 0 };
	char *save = NULL;
	int r = run("apt-cache", options,
		    (const char *const[]){ "depends", "--important", package, NULL }, NULL, &out,
		    NULL);

	if (r != 0)
		return -ENOENT;
	for (char *line = strtok_r(out, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		char *colon = strstr(line, "Depends: ");

		if (colon)
			strbuf_printf(&b, "%s\n", colon + strlen("Depends: "));
	}
	*ret = strbuf_take(&b);
	return *ret ? 0 : -ENOMEM;
}

/* Unpacks and removes each *.deb of the directory. */
static int unpack(const char *directory, struct mpol_error *err)
{
	_cleanup_closedir_ DIR *d = opendir(directory);
	const struct dirent *e;

	while (d && (e = readdir(d))) {
		const char *dot = strrchr(e->d_name, '.');
		_cleanup_free_ char *said = NULL;
		const struct child dpkg = { .argv = (const char *const[]){ "dpkg", "-x", e->d_name,
									   ".", NULL },
					    .directory = directory };
		int r;

		if (!dot || !STREQ(dot, ".deb"))
			continue;
		r = child_run(&dpkg, NULL, &said);
		if (r != 0)
			return fail(err, e->d_name, said);
		if (unlinkat(dirfd(d), e->d_name, 0) < 0)
			return mpol_fail_errno(err, &rule_download, errno, e->d_name, "%s",
					       strerror(errno));
	}
	return d ? 0
		 : mpol_fail_errno(err, &rule_download, errno, directory, "%s", strerror(errno));
}

int apt_unpack(const struct strv *options, const struct strv *packages, const char *directory,
	       struct mpol_error *err)
{
	_cleanup_(strv_done) struct strv all = { 0 };
	_cleanup_free_ char *said = NULL;
	int r;

	for (size_t i = 0; i < options->n; i++)
		strv_add(&all, options->v[i]);
	strv_add(&all, "-qq");
	strv_add(&all, "-oAPT::Sandbox::User=");
	strv_add(&all, "download");
	if (all.failed)
		return mpol_fail_errno(err, &rule_download, ENOMEM, NULL, "no memory is left");
	r = run("apt-get", &all, (const char *const *)packages->v, directory, NULL, &said);
	if (r < 0)
		return mpol_fail_errno(err, &rule_download, -r, NULL, "apt-get: %s", strerror(-r));
	if (r > 0)
		return fail(err, packages->v[0], said);
	return unpack(directory, err);
}
