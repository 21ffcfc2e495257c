package migrations_test

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/pressly/goose/v3"

	"fieldgate/migrations"
)

// gains is the first migration that is made while the version before serves.
const gains = 57

// taken are what migrations may do all the same, by file, with the reason: what
// no released version reads any more.
var taken = map[string]string{}

// TestSchemaOnlyGains: the version before goes on serving while a migration runs
// and after it. docs/development.md has the rules.
func TestSchemaOnlyGains(t *testing.T) {
	t.Parallel()
	files, err := fs.Glob(migrations.FS, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		n, err := goose.NumericComponent(file)
		if err != nil {
			t.Fatal(err)
		}
		text, err := fs.ReadFile(migrations.FS, file)
		if err != nil {
			t.Fatal(err)
		}
		if n < gains || taken[file] != "" {
			continue
		}
		for _, wrong := range breaks(string(text)) {
			t.Errorf("%s %s", file, wrong)
		}
	}
	for sql, want := range map[string]int{
		"alter table jobs add column crew text not null default ''; create table crews (id int);":               0,
		"create table crews (id int); alter table crews rename to teams; alter table jobs add column crew int;": 0,
		"-- +goose NO TRANSACTION\ncreate index concurrently if not exists x on jobs (id);":                     0,
		"create table crews (id int); create index on crews (id);":                                              0,
		"alter table jobs add column key text not null generated always as (number || '') stored;":              0,
		"alter table jobs add column crew text; alter table quotes add column crew text;":                       1,
		"alter table jobs add column crew text not null;":                                                       1,
		"alter table jobs drop column name;":                                                                    1,
		"alter table jobs\n    rename column name to title;":                                                    1,
		"alter table jobs alter column name type varchar(10);":                                                  1,
		"alter table jobs alter column name set not null;":                                                      1,
		"drop table tasks;":            1,
		"create index x on jobs (id);": 1,
		"drop schema portal cascade;":  1,
	} {
		if got := breaks(sql); len(got) != want {
			t.Errorf("%s: %q", sql, got)
		}
	}
}

var (
	comments   = regexp.MustCompile(`(?m)--.*$`)
	created    = regexp.MustCompile(`(?i)create table (?:if not exists )?(\w+)`)
	altered    = regexp.MustCompile(`(?i)(?:alter table|lock table|create (?:constraint )?trigger [^;]* on) (?:if exists |only )*(\w+)`)
	indexed    = regexp.MustCompile(`(?i)create (?:unique )?index (?:\w+ )?on (\w+)`)
	loses      = regexp.MustCompile(`(?i)\b(drop (?:column|table|view|schema|function|type)|rename (?:column |constraint )?(?:\w+ )?to|alter (?:column )?\w+ (?:set data )?type|alter (?:column )?\w+ set not null)\b`)
	nextClause = regexp.MustCompile(`,\s*(add|alter|drop) `)
)

// breaks is what of a migration the version before would not survive.
func breaks(sql string) (wrong []string) {
	atOnce := !strings.Contains(sql, "+goose NO TRANSACTION")
	sql = comments.ReplaceAllString(sql, "")
	var own, theirs []string
	for _, m := range created.FindAllStringSubmatch(sql, -1) {
		own = append(own, m[1])
	}
	for statement := range strings.SplitSeq(sql, ";") {
		m := altered.FindStringSubmatch(statement)
		if m != nil && slices.Contains(own, m[1]) {
			continue
		}
		if m != nil && !slices.Contains(theirs, m[1]) {
			theirs = append(theirs, m[1])
		}
		if l := loses.FindString(statement); l != "" {
			wrong = append(wrong, fmt.Sprintf("says %q: what the version before reads stays until the version after this one", l))
		}
		if i := indexed.FindStringSubmatch(statement); i != nil && !slices.Contains(own, i[1]) {
			wrong = append(wrong, "makes an index of "+i[1]+" while nobody can write: create it concurrently, in a file with NO TRANSACTION")
		}
		for _, column := range strings.Split(statement, "add column ")[1:] {
			if column = nextClause.Split(column, 2)[0]; strings.Contains(column, "not null") && !strings.Contains(column, "default") && !strings.Contains(column, "generated") {
				wrong = append(wrong, fmt.Sprintf("adds %q, which the version before does not fill: give it a default", column))
			}
		}
	}
	if atOnce && len(theirs) > 1 {
		wrong = append(wrong, fmt.Sprintf("locks %q at once: one file, one table, or a page and the migration wait for each other", theirs))
	}
	return wrong
}
