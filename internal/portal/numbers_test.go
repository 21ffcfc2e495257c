package portal

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// A number of another customer is looked for with the very steps that one never
// used takes: the rows of others are not even read.
func TestAForeignNumberIsAnUnknownOne(t *testing.T) {
	t.Parallel()
	r, db := newTown(t)
	exec(t, db, `insert into jobs (id, customer_id, number, description, job_type_id, status, origin) overriding system value
		select n, 1 + n % 2, 'J-' || n, 'x', 1, 'unscheduled', 'office' from generate_series(5001, 9000) n`)
	exec(t, db, `insert into quotes (id, customer_id, number, description, currency, status, origin, created_by_contact_id) overriding system value
		select n, 1 + n % 2, 'Q-' || n, 'x', 'AUD', 'requested', 'portal', case n % 2 when 0 then 1 else 4 end from generate_series(5001, 9000) n`)
	exec(t, db, `analyze`)
	for table, letter := range map[string]string{"jobs": "J", "quotes": "Q"} {
		steps := func(number string) string {
			all := strings.Join(look(t, r, personas["Lee"], `explain (analyze, buffers, costs off, timing off, summary off) select id from portal.`+table+` where key = '`+letter+number+`'`), "\n")
			return regexp.MustCompile(`(?s)[JQ]-\d+|Buffers:[^\n]*|Planning:.*`).ReplaceAllString(all, "")
		}
		foreign, unknown, own := steps("-7001"), steps("-70010"), steps("-7002")
		if foreign != unknown || strings.Contains(foreign, "Rows Removed") || !strings.Contains(foreign, table+"_key_per_customer") {
			t.Errorf("%s: a foreign number takes other steps than an unknown one:\n%s\n%s", table, foreign, unknown)
		}
		if own == unknown {
			t.Errorf("%s: one's own takes the same steps: the test sees nothing", table)
		}
	}
}

// Whoever looks for one by its number in the portal looks by the key.
func TestNumbersAreLookedForByTheirKey(t *testing.T) {
	t.Parallel()
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.HasSuffix(f.Name(), "_test.go") || !strings.HasSuffix(f.Name(), ".go") {
			continue
		}
		text, err := os.ReadFile(f.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range regexp.MustCompile(`portal\.(jobs|quotes)[^`+"`"+`]*where (\w+\.)?number = `).FindAllString(string(text), -1) {
			t.Errorf("%s: %s", f.Name(), found)
		}
	}
}
