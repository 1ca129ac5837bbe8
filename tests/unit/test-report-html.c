/* SPDX-License-Identifier: MIT */
/* The page of a made-up report: what it must tell, and that foreign text stays text. */
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/macros.h"
#include "check.h"
#include "harness/report.h"

/* Two nodes; 8 KiB on node 0 that are on node 1 in the end; one bound that holds and an unknown
 * value. */
static const char line[] =
	"{\"test\":\"a<b\",\"why\":\"x & "
	"y\",\"verdict\":\"fail\",\"ended\":\"fail\",\"seconds\":1.5,"
	"\"machine\":{\"place\":\"2n\",\"release\":\"6.12\",\"llcs\":2,\"caches\":[\"0\",\"1\"],"
	"\"distances\":[[10,17],[17,10]],\"nodes\":[{\"id\":0,\"cpus\":\"0\",\"memory\":1073741824}"
	","
	"{\"id\":1,\"cpus\":\"\",\"memory\":536870912}]},"
	"\"cgroups\":[{\"name\":\"c\",\"cpus\":\"0\",\"mems\":\"0-1\",\"workers\":1,\"policy\":"
	"\"default\","
	"\"expected\":\"0\",\"bytes\":{\"1\":8192},"
	"\"series\":[{\"seconds\":0,\"bytes\":{\"0\":8192}},{\"seconds\":2,\"bytes\":{\"1\":8192},"
	"\"kinds\":{\"anon\":{\"1\":4096},\"file\":{\"1\":4096}}}]"
	","
	"\"works\":[{\"kind\":\"chase\",\"workers\":1,\"policy\":\"default\",\"latency_ns\":85.5,"
	"\"units_per_second\":1}],"
	"\"checks\":[{\"metric\":\"page-locality\",\"at_least\":0.8,\"value\":0,\"layer\":\"test\","
	"\"holds\":false},"
	"{\"metric\":\"latency\",\"at_most\":9,\"value\":null,\"layer\":\"cgroup\",\"holds\":false}"
	"]}]}";

static const char *const told[] = {
	"1 passed, 2 failed, 0 skipped, 0 broken",
	"<h2>a&lt;b</h2>",
	"<p>x &amp; y</p>",
	"<p class=\"bad\">fail in 1.5 s</p>",
	"The machine: 2 nodes, 1 CPUs, 2 last-level caches",
	"stroke-dasharray", /* node 1 has no CPUs */
	">17<",
	"85.5 ns a load",
	">2 s</text>",
	/* node 0: all of the height at first, none at the end; and the other way round */
	"<polygon style=\"fill:var(--n0)\" points=\"80.0,28.0 600.0,192.0 600.0,192.0 80.0,192.0",
	"<polygon style=\"fill:var(--n1)\" points=\"80.0,28.0 600.0,28.0 600.0,192.0 80.0,28.0 \"",
	"<td class=\"bad\">elsewhere</td>",
	"of these anon", /* and of each kind, where there are several */
	"of these file",
	"<td class=\"r dim\">4 KiB</td>",
	"<td>at least 0.8 share</td>",
	"<td class=\"r bad\">unknown</td>",
	"Interrupted after 1 of 4 tests.",
	"</body>\n</html>\n",
};

TEST(a_page_tells_what_a_report_knows)
{
	_cleanup_(result_done) struct mpol_result result = { 0 };
	_cleanup_(strbuf_done) struct strbuf out = { 0 };
	struct report report = { .planned = 4, .n = 1, .results = &result };

	CHECK_EQ(result_read(line, sizeof(line) - 1, &result, NULL), 0);
	report.by_verdict[VERDICT_PASS] = 1;
	report.by_verdict[VERDICT_FAIL] = 2;
	report_html.end(&report, NULL, &out);
	CHECK(!out.failed);
	for (size_t i = 0; i < ELEMENTSOF(told); i++) {
		check_row(i, told[i]);
		CHECK_HAS(strbuf_text(&out), told[i]);
	}
	CHECK(!strstr(strbuf_text(&out), "a<b"));
	CHECK(!strstr(strbuf_text(&out), "http"));
}

TEST(an_empty_report_is_a_page)
{
	_cleanup_(strbuf_done) struct strbuf out = { 0 };
	struct report report = { 0 };

	report_html.end(&report, NULL, &out);
	CHECK_HAS(strbuf_text(&out), "0 passed, 0 failed");
	CHECK(!out.failed);
}
