package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/jackc/pgx/v5"
)

// multiplied are the tables that lists show, which come ten times each in a
// tenfold business.
var multiplied = []string{"jobs", "quotes", "quote_versions", "equipment"}

// copies are how a column of a copied row differs from the row's, in SQL: t is
// the row, k the number of the copy, $1 what ids and numbers grow by. Copies have
// no words to search for, whose indexes would take as much disk as all else.
var copies = map[string]string{
	"id":                      "t.id + k * $1::bigint",
	"number":                  `regexp_replace(t.number, '\d+$', '') || (substring(t.number from '\d+$')::bigint + k * $1::bigint)`,
	"public_id":               "md5(t.public_id || k)",
	"nonce":                   "null",
	"search":                  "''::tsvector",
	"portal_search":           "''::tsvector",
	"file_words":              "''::tsvector",
	"created_at":              "t.created_at - k * interval '37 minutes'",
	"status_at":               "t.status_at - k * interval '37 minutes'",
	"sent_at":                 "t.sent_at - k * interval '37 minutes'",
	"jobs.quote_id":           "null",
	"quote_versions.quote_id": "t.quote_id + k * $1::bigint",
	"quote_versions.number":   "t.number",
}

// tenfold reports whether a tenfold business has what the page shows: it has no
// more to find by words than the one it was made of, and no files.
func (p *page) tenfold() bool {
	return p.uses == nil && !p.plain && !p.writes && !strings.Contains(p.path, "?q=") && !strings.HasPrefix(p.path, "/attachments/")
}

// startTenfold starts the program on a tenfold business, which it makes first.
func startTenfold(ctx context.Context, cluster string, o options, start func(jobs int, database string) error) error {
	of := "bench_" + strconv.Itoa(o.jobs)
	b, err := openBusiness(ctx, cluster, of, o.jobs, o)
	if err != nil {
		return err
	}
	b.db.Close() // nothing may be connected to what is copied
	if err := makeTenfold(ctx, cluster, of, of+"_tenfold"); err != nil {
		return err
	}
	return start(10*o.jobs, of+"_tenfold")
}

// makeTenfold makes a database of another, in which each customer has ten times
// the jobs, quotes and equipment: it takes a third of the disk and of the time
// that generating such a business would.
func makeTenfold(ctx context.Context, cluster, of, name string) (err error) {
	admin, err := pgx.Connect(ctx, cluster)
	if err != nil {
		return fmt.Errorf("reach the cluster: %w", err)
	}
	defer func() { err = errors.Join(err, admin.Close(ctx)) }()
	var there bool
	if err := admin.QueryRow(ctx, "select exists (select from pg_database where datname = $1)", name).Scan(&there); err != nil || there {
		return err
	}
	fmt.Fprintf(os.Stderr, "Making %s of %s (once, it is kept)…\n", name, of)
	begun := name + "_begun" // under its name it is whole
	for _, sql := range []string{"drop database if exists " + begun, "create database " + begun + " template " + of + " strategy file_copy"} {
		if _, err := admin.Exec(ctx, sql); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	address, err := inDatabase(cluster, begun)
	if err != nil {
		return err
	}
	db, err := pgx.Connect(ctx, address.String())
	if err != nil {
		return fmt.Errorf("reach %s: %w", begun, err)
	}
	if err := errors.Join(multiply(ctx, db), db.Close(ctx)); err != nil {
		return err
	}
	_, err = admin.Exec(ctx, "alter database "+begun+" rename to "+name)
	return err
}

// multiply puts nine copies beside each row of the tables: without indexes,
// which are made again afterwards, without references, which are not, and without triggers.
func multiply(ctx context.Context, db *pgx.Conn) error {
	read := func(sql string) ([]string, error) {
		rows, err := db.Query(ctx, sql, multiplied)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowTo[string])
	}
	do := func(statements []string, args ...any) error {
		for _, sql := range statements {
			if _, err := db.Exec(ctx, sql, args...); err != nil {
				return fmt.Errorf("%s: %w", sql, err)
			}
		}
		return nil
	}
	const (
		ofTables = ` from pg_constraint where conrelid = any($1::regclass[])`
		indexes  = ` from pg_index i where indrelid = any($1::regclass[]) and not exists (select from pg_constraint where conindid = indexrelid) order by indexrelid`
		keys     = ofTables + ` and contype in ('p', 'u') order by oid`
	)
	away, err := read(`
		select format('alter table %s drop constraint %I', conrelid::regclass, conname) from (select *` + ofTables + ` union select * from pg_constraint where confrelid = any($1::regclass[])) c where contype = 'f'
		union all (select format('alter table %s drop constraint %I', conrelid::regclass, conname)` + keys + `)
		union all (select format('drop index %s', indexrelid::regclass)` + indexes + `)`)
	if err != nil {
		return fmt.Errorf("read what hangs on the tables: %w", err)
	}
	again, err := read(`
		(select format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))` + keys + `)
		union all (select pg_get_indexdef(indexrelid)` + indexes + `)`)
	if err != nil {
		return fmt.Errorf("read the indexes of the tables: %w", err)
	}
	by, err := one[int64](ctx, db, `select (10 ^ ceil(log(greatest((select max(id) from jobs), (select max(id) from quotes), (select max(id) from quote_versions), (select max(id) from equipment))) + 1))::bigint`)
	if err != nil {
		return err
	}
	if err := do(append([]string{"set maintenance_work_mem = '1GB'", "set synchronous_commit = off"}, away...)); err != nil {
		return err
	}
	for _, table := range multiplied {
		columns, err := one[[]string](ctx, db, `select array_agg(attname::text order by attnum) from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped and attgenerated = ''`, table)
		if err != nil {
			return err
		}
		if err := do([]string{"alter table " + table + " disable trigger user"}); err != nil {
			return err
		}
		if err := do([]string{copying(table, columns)}, by); err != nil {
			return err
		}
		if err := do([]string{"alter table " + table + " enable trigger user"}); err != nil {
			return err
		}
	}
	return do(append(again, "vacuum analyze "+strings.Join(multiplied, ", ")))
}

// copying is the statement that copies a table's rows.
func copying(table string, columns []string) string {
	values := slices.Clone(columns)
	for i, column := range columns {
		values[i] = "t." + pgx.Identifier{column}.Sanitize()
		for _, name := range []string{column, table + "." + column} {
			if differs, ok := copies[name]; ok {
				values[i] = differs
			}
		}
	}
	return "insert into " + table + " (" + strings.Join(columns, ", ") + ") overriding system value select " + strings.Join(values, ", ") + " from " + table + " t, generate_series(1, 9) k"
}
