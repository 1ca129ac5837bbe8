/* SPDX-License-Identifier: MIT */
/*
 * Drives a fuzzer where libFuzzer is not there: every file of the corpus as it is, then mutations
 * of them until the time is over. Takes the few options of libFuzzer that run needs. The same seed
 * gives the same inputs; the one under way is kept in a file, to be looked at after a crash.
 */
#include <dirent.h>
#include <signal.h>
#include <time.h>
#include <unistd.h>

#include "fuzz.h"

#define MOST_SEEDS 512
#define LARGEST	   4096

static struct seed {
	uint8_t *data;
	size_t size;
} seeds[MOST_SEEDS];
static size_t n_seeds;
static uint64_t state = 0x9e3779b97f4a7c15;
static struct seed current;
static char artifact[4096];

static uint64_t random_below(uint64_t n)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return n ? state % n : 0;
}

static void add_seed(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct seed *s = &seeds[n_seeds];

	if (!f || n_seeds == MOST_SEEDS)
		return;
	s->data = malloc(LARGEST);
	MUST(s->data);
	s->size = fread(s->data, 1, LARGEST, f);
	n_seeds++;
	fclose(f);
}

static void add_corpus(const char *dir)
{
	DIR *d = opendir(dir);
	struct dirent *e;
	char path[4096];

	if (!d)
		return;
	while ((e = readdir(d)))
		if (e->d_name[0] != '.') {
			(void)snprintf(path, sizeof(path), "%s/%s", dir, e->d_name);
			add_seed(path);
		}
	closedir(d);
}

static void keep(int number)
{
	FILE *f = fopen(artifact, "wb");

	if (f) {
		(void)fwrite(current.data, 1, current.size, f);
		fclose(f);
		fprintf(stderr, "input written to %s\n", artifact);
	}
	signal(number, SIG_DFL);
	raise(number);
}

static void run(const uint8_t *data, size_t size)
{
	memcpy(current.data, data, size);
	current.size = size;
	alarm(5); /* a hang is a crash */
	(void)LLVMFuzzerTestOneInput(data, size);
}

/* Cuts out, inserts, repeats, or takes from another seed, at a random place. */
static size_t mutate(uint8_t *data, size_t size)
{
	static const char interesting[] = "!+,-=:|{}[]\"\\'@#;<> \t\n0123456789abcdefx\x80\xff";
	const struct seed *other = &seeds[random_below(n_seeds)];
	size_t at = random_below(size + 1), len = 1 + random_below(8), from;

	switch (random_below(5)) {
	case 0: /* cut */
		len = len < size - at ? len : size - at;
		memmove(data + at, data + at + len, size - at - len);
		return size - len;
	case 1: /* replace */
		if (at < size)
			data[at] = (uint8_t)interesting[random_below(sizeof(interesting))];
		return size;
	case 2: /* flip */
		if (at < size)
			data[at] ^= (uint8_t)(1 << random_below(8));
		return size;
	case 3: /* insert */
		if (size == LARGEST)
			return size;
		memmove(data + at + 1, data + at, size - at);
		data[at] = (uint8_t)interesting[random_below(sizeof(interesting))];
		return size + 1;
	default: /* splice */
		from = random_below(other->size);
		len = random_below(other->size - from + 1);
		if (size + len > LARGEST)
			return size;
		memmove(data + at + len, data + at, size - at);
		memcpy(data + at, other->data + from, len);
		return size + len;
	}
}

static void fuzz(time_t seconds)
{
	static uint8_t data[LARGEST];
	time_t end = time(NULL) + seconds;
	unsigned long runs = 0;

	while (time(NULL) < end && n_seeds)
		for (int i = 0; i < 1000; i++, runs++) {
			const struct seed *s = &seeds[random_below(n_seeds)];
			size_t size = s->size;

			memcpy(data, s->data, size);
			for (uint64_t n = 1 + random_below(6); n; n--)
				size = mutate(data, size);
			run(data, size);
		}
	fprintf(stderr, "Done %lu runs\n", runs);
}

int main(int argc, char **argv)
{
	long seconds = 0;

	for (int i = 1; i < argc; i++) {
		if (sscanf(argv[i], "-max_total_time=%ld", &seconds) == 1 ||
		    sscanf(argv[i], "-artifact_prefix=%4000s", artifact) == 1 || argv[i][0] == '-')
			continue;
		add_corpus(argv[i]);
	}
	strcat(artifact, "input");
	current.data = malloc(LARGEST);
	MUST(current.data);
	signal(SIGABRT, keep);
	signal(SIGALRM, keep);
	for (size_t i = 0; i < n_seeds; i++)
		run(seeds[i].data, seeds[i].size);
	fuzz(seconds);
	for (size_t i = 0; i < n_seeds; i++)
		free(seeds[i].data);
	free(current.data);
	return 0;
}
