package demo

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// bulk fills tables with more rows than row by row would be bearable: without
// indexes, references and the triggers that look at other rows, all of which
// are there again, and have looked at everything, when the transaction commits.
type bulk struct {
	tx      postgres.Tx
	now     time.Time           // when all of it was written, as lists of what changed have it
	indexes map[string][]string // of a table: how to make again what was dropped
	foreign []string
}

// afterwards are the triggers whose work is done by a statement over all rows.
var afterwards = [][2]string{
	{"customers", "customers_search"},
	{"contacts", "contacts_search_new"},
	{"sites", "sites_search_new"},
	{"customers", "customers_contacts_search"},
	{"attachments", "attachments_stored"},
	{"attachments", "attachments_named"},
	{"attachments", "attachments_whose"},
	{"messages", "messages_answer"},
	{"messages", "messages_about"},
	{"messages", "messages_unread"},
	{"message_reads", "message_reads_unread"},
	{"jobs", "jobs_of_quotes"},
	{"job_statuses", "job_statuses_last"},
	{"customers", "customers_note_change"},
	{"sites", "sites_note_change"},
	{"contacts", "contacts_note_change"},
	{"equipment", "equipment_note_change"},
	{"quotes", "quotes_note_change"},
	{"jobs", "jobs_note_change"},
	{"attachments", "attachments_note_change"},
	{"messages", "messages_note_change"},
}

// bulkTables are those that grow with the number of jobs.
var bulkTables = []string{
	"customers", "sites", "persons", "contacts", "contact_sites", "visits", "equipment", "quotes", "quote_versions", "quote_lines", "quote_staff", "quote_events", "acceptances", "jobs", "job_staff",
	"job_statuses", "tasks", "time_entries", "job_equipment", "attachments", "messages", "message_reads", "unread_messages", "audit_entries", "emails",
}

// begin takes away what would look at each row. It waits for nobody: the tables are empty.
func (b *bulk) begin(ctx context.Context) error {
	for _, set := range []string{"set local maintenance_work_mem = '512MB'", "set local work_mem = '64MB'", "set local synchronous_commit = off"} {
		if _, err := b.tx.Exec(ctx, set); err != nil {
			return err
		}
	}
	type piece struct{ Table, Drop, Make string }
	read := func(sql string) ([]piece, error) {
		rows, err := b.tx.Query(ctx, sql, bulkTables)
		if err != nil {
			return nil, err
		}
		return pgx.CollectRows(rows, pgx.RowToStructByPos[piece])
	}
	foreign, err := read(`
		select conrelid::regclass::text, format('alter table %s drop constraint %I', conrelid::regclass, conname), format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
		from pg_constraint where contype = 'f' and (conrelid::regclass::text = any($1) or confrelid::regclass::text = any($1)) order by conrelid::regclass::text, conname`)
	if err != nil {
		return err
	}
	// Primary keys stay, since rows come in their order; so do the versions'
	// keys, by which the trigger of a quote's search finds them.
	unique, err := read(`
		select conrelid::regclass::text, format('alter table %s drop constraint %I', conrelid::regclass, conname), format('alter table %s add constraint %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid))
		from pg_constraint where contype = 'u' and conrelid::regclass::text = any($1) and conrelid <> 'quote_versions'::regclass order by conname`)
	if err != nil {
		return err
	}
	indexes, err := read(`
		select indrelid::regclass::text, format('drop index %s', indexrelid::regclass), pg_get_indexdef(indexrelid)
		from pg_index i where indrelid::regclass::text = any($1) and not exists (select from pg_constraint where conindid = indexrelid) order by indexrelid`)
	if err != nil {
		return err
	}
	b.indexes = map[string][]string{}
	for i, p := range append(append(foreign, unique...), indexes...) {
		if _, err := b.tx.Exec(ctx, p.Drop); err != nil {
			return fmt.Errorf("%s: %w", p.Drop, err)
		}
		if i < len(foreign) {
			b.foreign = append(b.foreign, p.Make)
		} else {
			b.indexes[p.Table] = append(b.indexes[p.Table], p.Make)
		}
	}
	if err := b.written(ctx, "'"+b.now.UTC().Format(time.RFC3339)+"'"); err != nil {
		return err
	}
	return b.triggers(ctx, "disable")
}

// written says what a row that is added is told to have been written at, in SQL.
func (b *bulk) written(ctx context.Context, at string) error {
	for _, table := range []string{"customers", "sites", "contacts", "equipment", "tasks", "time_entries", "attachments", "messages", "jobs", "quotes"} {
		column := "updated_at"
		if table == "jobs" || table == "quotes" {
			column = "changed_at"
		}
		if _, err := b.tx.Exec(ctx, "alter table "+table+" alter column "+column+" set default "+at); err != nil {
			return fmt.Errorf("when rows of %s were written: %w", table, err)
		}
	}
	return nil
}

func (b *bulk) triggers(ctx context.Context, how string) error {
	for _, t := range afterwards {
		if err := b.trigger(ctx, t[0], how, t[1]); err != nil {
			return err
		}
	}
	return nil
}

func (b *bulk) trigger(ctx context.Context, table, how, name string) error {
	if _, err := b.tx.Exec(ctx, "alter table "+table+" "+how+" trigger "+name); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// index makes the indexes of a table again, now that its rows are there.
func (b *bulk) index(ctx context.Context, table string) error {
	for _, make := range b.indexes[table] {
		if _, err := b.tx.Exec(ctx, make); err != nil {
			return fmt.Errorf("%s: %w", make, err)
		}
	}
	delete(b.indexes, table)
	return nil
}

// end puts back what is still away.
func (b *bulk) end(ctx context.Context) error {
	for _, table := range bulkTables {
		if err := b.index(ctx, table); err != nil {
			return err
		}
	}
	for _, make := range b.foreign {
		if _, err := b.tx.Exec(ctx, make); err != nil {
			return fmt.Errorf("%s: %w", make, err)
		}
	}
	if err := b.written(ctx, "noted_now()"); err != nil {
		return err
	}
	return b.triggers(ctx, "enable")
}

// copy copies rows into a table: each of the n things adds its own by emit, with
// the values of the columns in their order. Where there is a column id, rows
// are numbered from 1 in front of what emit is given.
func (b *bulk) copy(ctx context.Context, table string, columns []string, n int, of func(i int, emit func(...any))) (int64, error) {
	numbered := columns[0] == "id"
	var next, rows int64
	var waiting [][]any
	at := 0
	emit := func(values ...any) {
		rows++
		if numbered {
			values = append([]any{rows}, values...)
		}
		waiting = append(waiting, values)
	}
	_, err := b.tx.CopyFrom(ctx, pgx.Identifier{table}, columns, pgx.CopyFromFunc(func() ([]any, error) {
		for int(next) == len(waiting) {
			if waiting, next = waiting[:0], 0; at == n {
				return nil, nil
			}
			of(at, emit)
			at++
		}
		row := waiting[next]
		if next++; len(row) != len(columns) {
			return nil, fmt.Errorf("%d values for %d columns", len(row), len(columns))
		}
		return row, nil
	}))
	if err == nil && numbered && rows > 0 {
		_, err = b.tx.Exec(ctx, "select setval(pg_get_serial_sequence($1, 'id'), $2)", table, rows)
	}
	if err != nil {
		return 0, fmt.Errorf("%s: %w", table, err)
	}
	return rows, nil
}

// opaque is an id as opaque_id() makes them, the same for the same generator.
func opaque(pick *rand.Rand) string { return fmt.Sprintf("%016x%016x", pick.Uint64(), pick.Uint64()) }

// orNone is null for 0, as nobody and nothing are.
func orNone[T ~int64 | ~int](id T) any {
	if id == 0 {
		return nil
	}
	return int64(id)
}
