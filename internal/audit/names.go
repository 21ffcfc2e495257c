package audit

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// Names are what the things are called that an entry knows by id: by kind of
// thing, then by id.
type Names map[string]map[int64]string

// names are where the names of a kind of thing stand: its table, and the name.
var names = []struct{ kind, table, name string }{
	{"staff", "staff", "name"},
	{"customer", "customers", "name"},
	{"site", "sites", "name"},
	{"contact", "contacts", "name"},
	{"job type", "job_types", "name"},
	{"job", "jobs", "number"},
	{"quote", "quotes", "number"},
	{"equipment", "equipment", "number || ' ' || name"},
}

// references are the fields that name a thing by id, as FieldName writes them
// without "_id", with the kind of thing.
var references = map[string]string{
	"account_manager": "staff", "assignee": "staff", "staff": "staff", "site": "site", "sites": "site", "contact": "contact", "main_contact": "contact", "customer": "customer",
	"type": "job type", "job_type": "job type", "job": "job", "quote": "quote", "equipment": "equipment",
}

// Reference is the kind of thing that a field names by id, or "".
func Reference(field string) string { return references[strings.TrimSuffix(FieldName(field), "_id")] }

// FieldName is a field's name as the forms write it: DefaultDescription and
// default_description are one.
func FieldName(field string) string {
	var b strings.Builder
	for i, r := range field {
		if r >= 'A' && r <= 'Z' {
			if i > 0 && (field[i-1] < 'A' || field[i-1] > 'Z') {
				b.WriteByte('_')
			}
			r += 'a' - 'A'
		}
		b.WriteRune(r)
	}
	return b.String()
}

// namesOf is the SQL of the Names in two sides of an entry; what Reference says
// of a field, it says in SQL.
func namesOf(before, after string) string {
	kinds, err := json.Marshal(references)
	if err != nil {
		panic(err) // words
	}
	var name strings.Builder
	for _, n := range names {
		fmt.Fprintf(&name, "when '%s' then (select %s from %s where id = ids.id) ", n.kind, n.name, n.table)
	}
	return `coalesce((
		select jsonb_object_agg(kind, called) from (
			select kind, jsonb_object_agg(id, name) as called
			from (select kind, ids.id, case kind ` + name.String() + `end as name
				from (select distinct '` + string(kinds) + `'::jsonb->>regexp_replace(lower(regexp_replace(field.key, '([^A-Z])([A-Z])', '\1_\2', 'g')), '_id$', '') as kind, value.id::bigint as id
					from (values (` + before + `), (` + after + `)) side(fields)
					cross join lateral jsonb_each(case jsonb_typeof(fields) when 'object' then fields else '{}' end) field
					cross join lateral jsonb_array_elements_text(case jsonb_typeof(field.value) when 'array' then field.value when 'number' then jsonb_build_array(field.value) else '[]' end) value(id)
					where value.id ~ '^[1-9][0-9]{0,17}$') ids
				where kind is not null) named
			where name is not null group by kind) kinds), '{}')`
}

// Call finds what things are called, in one round trip; ids are by kind of thing.
func Call(ctx context.Context, db postgres.DB, ids map[string][]int64) (Names, error) {
	found := Names{}
	if !slices.ContainsFunc(slices.Collect(maps.Values(ids)), func(ids []int64) bool { return len(ids) > 0 }) {
		return found, nil
	}
	err := postgres.Read(ctx, db, func(b *postgres.Batch) {
		for _, n := range names {
			if len(ids[n.kind]) == 0 {
				continue
			}
			called := map[int64]string{}
			found[n.kind] = called
			b.Add(`select id, `+n.name+` from `+n.table+` where id = any(@ids)`, pgx.NamedArgs{"ids": ids[n.kind]}, func(rows pgx.Rows) error {
				var (
					id   int64
					name string
				)
				_, err := pgx.ForEachRow(rows, []any{&id, &name}, func() error {
					called[id] = name
					return nil
				})
				return err
			})
		}
	})
	if err != nil {
		return nil, fmt.Errorf("names in the trail: %w", err)
	}
	return found, nil
}

// Subject is a thing that the trail is asked about.
type Subject struct {
	ID          int64
	Number      string // "" of a contact
	Name        string
	Description string // of a job or quote, when it has no name
}

// subjects are where the things stand that the trail can be asked about, and
// what their addresses know them by.
var subjects = map[string]string{
	"customer":  `select id, number, name, '' as description from customers where number = @key`,
	"job":       `select id, number, name, description from jobs where number = @key`,
	"quote":     `select id, number, name, description from quotes where number = @key`,
	"equipment": `select id, number, name, '' as description from equipment where public_id = @key`,
	"token":     `select id, '' as number, name, '' as description from tokens where id = (case when @key ~ '^[0-9]{1,18}$' then @key::text::bigint end)`,
	"contact":   `select id, '' as number, name, '' as description from contacts where id = (case when @key ~ '^[0-9]{1,18}$' then @key::text::bigint end)`,
}

// Subjects are the kinds of things that the trail can be asked about. Of a token
// it can be asked what was done by it.
var Subjects = []string{"customer", "job", "quote", "equipment", "contact"}

// QuerySubject adds the thing of one of these kinds that an address names; none
// is apperr.NotFound.
func QuerySubject(b *postgres.Batch, into *Subject, kind, key string) {
	if subjects[kind] == "" {
		panic("the trail is not asked about a " + kind)
	}
	postgres.QueryOne(b, into, subjects[kind], pgx.NamedArgs{"key": key})
}
