// Package search finds customers, contacts, sites, jobs, quotes, equipment and
// files by number or words, for the office's search field.
package search

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/customer"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
)

// Kind is what was found.
type Kind string

// The kinds, in the order they are shown.
const (
	Customers Kind = "customer"
	Contacts  Kind = "contact"
	Jobs      Kind = "job"
	Quotes    Kind = "quote"
	Equipment Kind = "equipment"
	Sites     Kind = "site"
	Files     Kind = "file"
)

// Kinds are all of them.
var Kinds = []Kind{Customers, Contacts, Sites, Jobs, Quotes, Equipment, Files}

// Listed reports whether there is a list of all things of the kind; of the
// others the page of a search shows MaxUnlisted.
func (k Kind) Listed() bool { return k != Sites && k != Files }

// MaxUnlisted is how many things of a kind without a list are shown.
const MaxUnlisted = 50

// Hit is something found.
type Hit struct {
	Kind           Kind
	ID             int64
	Number         string // as people read it
	Key            string // what its address names it by
	Title          string
	Customer       string // what the customer is called
	CustomerNumber string
	Detail         string // a site, an email address, a town
	Status         string
}

// Group are the first hits of a kind, and how many there are, up to 1,001.
type Group struct {
	Kind  Kind
	Hits  []Hit
	Count int
}

// Found is what a search found. Exact is the one thing whose number was typed.
type Found struct {
	Groups []Group // those that have hits
	Exact  *Hit
}

// Count is how many hits there are of all kinds; more is set when it is more.
func (f Found) Count() (n int, more bool) {
	for _, g := range f.Groups {
		n += min(g.Count, list.MaxCount)
		more = more || g.Count > list.MaxCount
	}
	return n, more
}

// tables are where the things of a kind are, the thing itself as t.
var tables = map[Kind]string{
	Customers: "customers t", Contacts: "contacts t join customers cu on cu.id = t.customer_id", Jobs: "jobs t", Quotes: "quotes t", Equipment: "equipment t",
	Sites: "sites t join customers cu on cu.id = t.customer_id", Files: "attachments t",
}

// words find the things of a kind by their own words, as their lists do.
func words(kind Kind) string {
	const fit = " @@ search_query(@typed) and search_query(@typed) <> ''"
	switch kind {
	case Customers:
		return "t.search" + fit + " and t.archived_at is null"
	case Contacts:
		return "t.search" + fit + " and t.archived_at is null and cu.archived_at is null"
	case Sites:
		return "search_vector(t.name, address_text(t.address))" + fit + " and t.archived_at is null and cu.archived_at is null"
	case Files:
		return "search_vector(t.name, t.caption)" + fit + " and t.removed_at is null"
	case Jobs, Quotes, Equipment:
	}
	return "t.search" + fit
}

// many is how many things are not few. Nobody can tell the planner how many
// begin with what somebody types: few are taken by their ids, and many are soon
// met by a scan in their order.
const many = 2000

// where is what the list of a kind shows: what was found by its own words, few
// of them by their ids, and what belongs to customers that are called so.
func where(kind Kind, few []int64, called bool) string {
	match := words(kind)
	if len(few) < many {
		match = "t.id = any(@few_" + string(kind) + ")"
	}
	switch kind {
	case Customers, Contacts, Sites, Files:
		called = false
	case Jobs, Quotes, Equipment:
	}
	if called {
		match = "(" + match + ") or t.customer_id = any(@called)"
	}
	return tables[kind] + " where " + match
}

// rows are the first hits of a kind; %s is its where.
var rows = map[Kind]string{
	Customers: `select 'customer' as kind, t.id, t.number, t.number as key, t.name as title, '' as customer, '' as customer_number,
		coalesce(nullif(concat_ws(', ', nullif(t.company_name, ''), t.street->>'city'), ''), '') as detail, case when t.on_hold then 'On hold' else '' end as status
		from %s order by t.name collate "und-x-icu", t.id limit @few`,
	Contacts: `select 'contact', t.id, '', t.id::text, t.name, cu.name, cu.number, t.email, ''
		from %s order by t.name collate "und-x-icu", t.id limit @few`,
	Jobs: `select 'job', j.id, j.number, j.number, coalesce(nullif(j.name, ''), left(split_part(j.description, E'\n', 1), 120)), cu.name, cu.number,
		coalesce(s.name, ''), j.status
		from (select t.* from %s order by t.created_at desc, t.id desc limit @few) j join customers cu on cu.id = j.customer_id left join sites s on s.id = j.site_id
		order by j.created_at desc, j.id desc`,
	Quotes: `select 'quote', j.id, j.number, j.number, coalesce(nullif(j.name, ''), left(split_part(j.description, E'\n', 1), 120)), cu.name, cu.number,
		coalesce(s.name, ''), j.status
		from (select t.* from %s order by t.created_at desc, t.id desc limit @few) j join customers cu on cu.id = j.customer_id left join sites s on s.id = j.site_id
		order by j.created_at desc, j.id desc`,
	Equipment: `select 'equipment', j.id, j.number, j.public_id, j.name, cu.name, cu.number,
		concat_ws(', ', nullif(concat_ws(' ', nullif(j.make, ''), nullif(j.model, '')), ''), s.name), ''
		from (select t.* from %s order by t.name collate "und-x-icu", t.id limit @few) j join customers cu on cu.id = j.customer_id left join sites s on s.id = j.site_id
		order by j.name collate "und-x-icu", j.id`,
	Sites: `select 'site', t.id, '', t.id::text, t.name, cu.name, cu.number, concat_ws(', ', nullif(t.address->>'line1', ''), nullif(t.address->>'city', '')), ''
		from %s order by t.name collate "und-x-icu", t.id limit @few`,
	Files: `select 'file', a.id, coalesce(j.number, q.number, e.number, ''), a.public_id, a.name, cu.name, cu.number, a.caption, ''
		from (select t.* from %s order by t.uploaded_at desc, t.id desc limit @few) a join customers cu on cu.id = a.customer_id
			left join messages m on m.id = a.message_id left join jobs j on j.id = coalesce(a.job_id, m.job_id) left join quotes q on q.id = coalesce(a.quote_id, m.quote_id)
			left join equipment e on e.id = a.equipment_id
		order by a.uploaded_at desc, a.id desc`,
}

// numbered looks like a number of ours: J-1042, c 1001, e007.
var numbered = regexp.MustCompile(`^([\pL]{1,6})[- ]?([0-9]{1,12})$`)

const exact = `
	select 'customer' as kind, id, number, number as key from customers where number = any(@numbers)
	union all select 'job', id, number, number from jobs where number = any(@numbers)
	union all select 'quote', id, number, number from quotes where number = any(@numbers)
	union all (select 'equipment', min(id), min(number), min(public_id) from equipment where number = any(@numbers) having count(*) = 1)`

// Query is what to look for.
type Query struct {
	Typed string
	Few   int  // hits of each kind
	Tally bool // count them, too
}

// Find answers a search, in two round trips. What has no letter or digit in it
// finds nothing.
func Find(ctx context.Context, db postgres.DB, q Query) (Found, error) {
	q.Typed = clip(q.Typed)
	if strings.TrimSpace(q.Typed) == "" {
		return Found{}, nil
	}
	args := pgx.NamedArgs{"typed": q.Typed}
	var called []int64
	few := map[Kind][]int64{}
	ask := &pgx.Batch{}
	ask.Queue(customer.CalledSQL, q.Typed).Query(func(r pgx.Rows) (err error) {
		called, err = pgx.CollectRows(r, pgx.RowTo[int64])
		return err
	})
	for _, kind := range Kinds {
		ask.Queue(fmt.Sprintf(`select coalesce(array_agg(id), '{}') from (select t.id from %s where %s limit %d) fit`, tables[kind], words(kind), many), args).QueryRow(func(r pgx.Row) error {
			var ids []int64
			err := r.Scan(&ids)
			few[kind] = ids
			return err
		})
	}
	if err := db.SendBatch(ctx, ask).Close(); err != nil {
		return Found{}, fmt.Errorf("search: %w", err)
	}
	args["called"] = called
	var (
		found  Found
		groups = make([]Group, len(Kinds))
		b      pgx.Batch
	)
	for i, kind := range Kinds {
		args["few_"+string(kind)] = few[kind]
		from := where(kind, few[kind], len(called) > 0)
		groups[i].Kind = kind
		args["few"] = q.Few
		if q.Tally && !kind.Listed() {
			args["few"] = MaxUnlisted
		}
		b.Queue(fmt.Sprintf(rows[kind], from), maps.Clone(args)).Query(func(r pgx.Rows) (err error) {
			groups[i].Hits, err = pgx.CollectRows(r, pgx.RowToStructByPos[Hit])
			return err
		})
		if q.Tally {
			b.Queue(fmt.Sprintf(`select count(*) from (select from %s limit %d) n`, from, list.MaxCount+1), args).QueryRow(func(r pgx.Row) error { return r.Scan(&groups[i].Count) })
		}
	}
	if parts := numbered.FindStringSubmatch(strings.ToUpper(strings.Trim(q.Typed, "/#. "))); parts != nil { // "#J-1042"
		b.Queue(exact, pgx.NamedArgs{"numbers": []string{parts[1] + "-" + parts[2], parts[1] + parts[2]}}).Query(func(r pgx.Rows) error {
			hits, err := pgx.CollectRows(r, func(row pgx.CollectableRow) (Hit, error) {
				var h Hit
				err := row.Scan(&h.Kind, &h.ID, &h.Number, &h.Key)
				return h, err
			})
			if len(hits) == 1 {
				found.Exact = &hits[0]
			}
			return err
		})
	}
	if err := db.SendBatch(ctx, &b).Close(); err != nil {
		return Found{}, fmt.Errorf("search: %w", err)
	}
	for _, g := range groups {
		if len(g.Hits) > 0 {
			found.Groups = append(found.Groups, g)
		}
	}
	return found, nil
}

// clip is as much of what was typed as lists look at.
func clip(typed string) string {
	if r := []rune(typed); len(r) > 200 {
		return string(r[:200])
	}
	return typed
}
