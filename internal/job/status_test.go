package job_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"fieldgate/internal/dbtest"
	"fieldgate/internal/job"
)

// TestStatusesOfTheDatabase: what the schema says of statuses is what the Go
// type says.
func TestStatusesOfTheDatabase(t *testing.T) {
	t.Parallel()
	db := dbtest.New(t)
	literal := regexp.MustCompile(`'([a-z ]+)'::text`)
	for _, tt := range []struct {
		name, sql string
		want      []job.Status
	}{
		{"the statuses of a job", `select pg_get_constraintdef(oid) from pg_constraint where conname = 'job_status'`, job.Statuses},
		{"finished ones, which the age limit hides", `select pg_get_expr(d.adbin, d.adrelid) from pg_attrdef d join pg_attribute a on a.attrelid = d.adrelid and a.attnum = d.adnum
			where d.adrelid = 'jobs'::regclass and a.attname = 'aged_at'`, job.FinishedStatuses},
		{"all others, for counts of open jobs at a site", `select pg_get_indexdef('jobs_open_per_site'::regclass)`, job.FinishedStatuses},
	} {
		var definition string
		if err := db.QueryRow(context.Background(), tt.sql).Scan(&definition); err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		var got []job.Status
		for _, m := range literal.FindAllStringSubmatch(definition, -1) {
			got = append(got, job.Status(m[1]))
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: the database has %q, Go %q", tt.name, got, tt.want)
		}
	}
}

// TestStatusesAreComplete: every status has its word and its place in the order
// of a job's life, and no move leads to one that does not exist.
func TestStatusesAreComplete(t *testing.T) {
	t.Parallel()
	if n := job.StatusRules(); n != len(job.Statuses) {
		t.Errorf("%d statuses have rules, %d stand in Statuses", n, len(job.Statuses))
	}
	for _, s := range job.Statuses {
		if s.Label() == "" {
			t.Errorf("%s has no word", s)
		}
		for _, to := range s.Transitions(true) {
			if !slices.Contains(job.Statuses, to) {
				t.Errorf("%s leads to %s", s, to)
			}
		}
	}
}

// TestStatusListsInSQL: nouns that a job refers to cannot ask the Go type, and
// an index is only used by a condition spelt like its own. What they list is
// compared here, and so is any status in the views of the portal.
func TestStatusListsInSQL(t *testing.T) {
	t.Parallel()
	lists := regexp.MustCompile(`\bj\.status (?:not )?in \(([^)]*)\)`)
	words := regexp.MustCompile(`\bj\.status (?:=|<>) ('[a-z ]+')`)
	quoted := regexp.MustCompile(`'([a-z ]+)'`)
	for _, pattern := range []string{"../*/*.go", "../../migrations/portal/views.sql"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			t.Fatalf("%s: %v", pattern, err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range lists.FindAllSubmatch(text, -1) {
				var got []job.Status
				for _, word := range quoted.FindAllSubmatch(m[1], -1) {
					got = append(got, job.Status(word[1]))
				}
				if !slices.Equal(got, job.FinishedStatuses) {
					t.Errorf("%s lists the statuses %q, finished are %q", file, got, job.FinishedStatuses)
				}
			}
			for _, m := range words.FindAllSubmatch(text, -1) {
				if s := job.Status(bytes.Trim(m[1], "'")); !slices.Contains(job.Statuses, s) {
					t.Errorf("%s has the status %q", file, s)
				}
			}
		}
	}
}
