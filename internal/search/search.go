// Package search finds customers, contacts, sites, jobs, quotes, equipment and
// files by number or words, for the office's search field.
package search

import (
	"context"
	"fmt"
	"regexp"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/equipment"
	"fieldgate/internal/job"
	"fieldgate/internal/list"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
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

// Group are the first hits of a kind, and how many there are, up to list.ManyFound.
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
		least, beyond := list.Least(g.Count)
		n, more = n+least, more || beyond
	}
	return n, more
}

// place is where things of a kind are found, and in which order they are shown.
type place struct {
	words  list.Words
	source list.Source // columns are those of a Hit, but for its kind
	order  list.Order
}

const (
	thing       = `%[1]s.id, %[1]s.number, %[2]s as key, %[3]s as title, cu.name as customer, cu.number as customer_number, %[4]s as detail, %[5]s as status`
	titleOfWork = `coalesce(nullif(%[1]s.name, ''), left(split_part(%[1]s.description, E'\n', 1), 120))`
)

// work is where jobs and quotes are found.
func work(words list.Words, table, from string) place {
	return place{words, list.Source{
		Columns: fmt.Sprintf(thing, table, table+".number", fmt.Sprintf(titleOfWork, table), "coalesce(s.name, '')", table+".status"),
		From:    fmt.Sprintf("%[2]s left join customers cu on cu.id = %[1]s.customer_id left join sites s on s.id = %[1]s.site_id", table, from),
		ID:      table + ".id",
	}, list.Order{Key: "newest", Expr: table + ".created_at", Type: "timestamptz", Desc: true}}
}

func where(condition string) (w list.Where) {
	w.And(condition)
	return w
}

var byName = list.Order{Key: "name", Expr: `t.name collate "und-x-icu"`, Type: "text"}

// places are those of each kind.
var places = map[Kind]place{
	Customers: {list.OwnWords("customers t", "t", "t.created_at"), list.Source{
		Columns: `t.id, t.number, t.number as key, t.name as title, '' as customer, '' as customer_number,
			concat_ws(', ', nullif(t.company_name, ''), t.street->>'city') as detail, case when t.on_hold then 'On hold' else '' end as status`,
		From: "customers t", ID: "t.id", Where: where("t.archived_at is null"),
	}, byName},
	Contacts: {list.OwnWords("contacts t join customers cu on cu.id = t.customer_id", "t", ""), list.Source{
		Columns: `t.id, '' as number, t.id::text as key, t.name as title, cu.name as customer, cu.number as customer_number, t.email as detail, '' as status`,
		From:    "contacts t join customers cu on cu.id = t.customer_id", ID: "t.id", Where: where("t.archived_at is null and cu.archived_at is null"),
	}, byName},
	Sites: {list.OwnWords("sites t join customers cu on cu.id = t.customer_id", "t", ""), list.Source{
		Columns: `t.id, '' as number, t.id::text as key, t.name as title, cu.name as customer, cu.number as customer_number,
			concat_ws(', ', nullif(t.address->>'line1', ''), nullif(t.address->>'city', '')) as detail, '' as status`,
		From: "sites t join customers cu on cu.id = t.customer_id", ID: "t.id", Where: where("t.archived_at is null and cu.archived_at is null"),
	}, byName},
	Jobs:   work(job.Words, "j", "jobs j"),
	Quotes: work(quote.Words, "q", "quotes q"),
	Equipment: {equipment.Words, list.Source{
		Columns: fmt.Sprintf(thing, "e", "e.public_id", "e.name", "concat_ws(', ', nullif(concat_ws(' ', nullif(e.make, ''), nullif(e.model, '')), ''), s.name)", "''"),
		From:    "equipment e left join customers cu on cu.id = e.customer_id left join sites s on s.id = e.site_id", ID: "e.id",
	}, list.Order{Key: "name", Expr: `e.name collate "und-x-icu"`, Type: "text"}},
	Files: {list.OwnWords("attachments t", "t", "t.uploaded_at"), list.Source{
		Columns: `t.id, coalesce(j.number, q.number, e.number, '') as number, t.public_id as key, t.name as title, cu.name as customer, cu.number as customer_number, t.caption as detail, '' as status`,
		From: `attachments t left join customers cu on cu.id = t.customer_id
			left join messages m on m.id = t.message_id left join jobs j on j.id = coalesce(t.job_id, m.job_id) left join quotes q on q.id = coalesce(t.quote_id, m.quote_id)
			left join equipment e on e.id = t.equipment_id`, ID: "t.id", Where: where("t.removed_at is null"),
	}, list.Order{Key: "newest", Expr: "t.uploaded_at", Type: "timestamptz", Desc: true}},
}

// numbered looks like a number of ours: J-1042, c 1001, e007.
var numbered = regexp.MustCompile(`^([\pL]{1,6})[- ]?([0-9]{1,12})$`)

const exact = `
	select 'customer' as kind, id, number, number as key from customers where number = any(@numbers)
	union all select 'job', id, number, number from jobs where number = any(@numbers)
	union all select 'quote', id, number, number from quotes where number = any(@numbers)
	union all (select 'equipment', min(id), min(number), min(public_id) from equipment where number = any(@numbers) having count(*) = 1)`

// queryExact adds to a batch the one thing whose number was typed.
func queryExact(b *postgres.Batch, into **Hit, typed string) {
	parts := numbered.FindStringSubmatch(strings.ToUpper(strings.Trim(typed, "/#. "))) // "#J-1042"
	if parts == nil {
		return
	}
	b.Add(exact, pgx.NamedArgs{"numbers": []string{parts[1] + "-" + parts[2], parts[1] + parts[2]}}, func(rows pgx.Rows) error {
		hits, err := pgx.CollectRows(rows, func(row pgx.CollectableRow) (Hit, error) {
			var h Hit
			err := row.Scan(&h.Kind, &h.ID, &h.Number, &h.Key)
			return h, err
		})
		if len(hits) == 1 {
			*into = &hits[0]
		}
		return err
	})
}

// FindExact is the one thing whose number was typed, or nil.
func FindExact(ctx context.Context, db postgres.DB, typed string) (hit *Hit, err error) {
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { queryExact(b, &hit, clip(typed)) }); err != nil {
		return nil, fmt.Errorf("search for a number: %w", err)
	}
	return hit, nil
}

// Query is what to look for.
type Query struct {
	Typed string
	Few   int  // hits of each kind
	Tally bool // count them, too
}

// Find answers a search, in three round trips. What has no letter or digit in it
// finds nothing.
func Find(ctx context.Context, db postgres.DB, q Query) (Found, error) {
	q.Typed = clip(q.Typed)
	if strings.TrimSpace(q.Typed) == "" {
		return Found{}, nil
	}
	query, err := list.Ask(ctx, db, q.Typed)
	if err != nil || query == "" {
		return Found{}, err
	}
	searches := make([]list.Search, len(Kinds))
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		b.KeepPlans()
		for i, kind := range Kinds {
			searches[i] = list.NewSearchFor(q.Typed, query, places[kind].words)
			searches[i].Query(b, places[kind].source.Where)
		}
	})
	if err != nil {
		return Found{}, fmt.Errorf("search: %w", err)
	}
	var (
		found  Found
		groups = make([]Group, len(Kinds))
		pages  = make([]list.Page[Hit], len(Kinds))
	)
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		b.KeepPlans()
		for i, kind := range Kinds {
			if searches[i].Nothing() {
				continue
			}
			p, size := places[kind], q.Few
			if q.Tally && !kind.Listed() {
				size = MaxUnlisted
			}
			p.source.Columns = fmt.Sprintf("'%s' as kind, %s", kind, p.source.Columns)
			if q.Tally {
				groups[i].Count = searches[i].CountOfAll()
			}
			// Where much fits, no order is better than another: the newest were met already.
			if newest := searches[i].Newest(size); searches[i].Many() && newest != nil {
				p.source.Where.And(p.source.ID+" = any(@newest)", "newest", newest)
				sql, args := list.First(p.source, p.words.Newest(), size)
				postgres.Query(b, &groups[i].Hits, sql, args)
				continue
			}
			p.source.Search = &searches[i]
			first := list.Query{Sort: p.order.Key, Desc: p.order.Desc, Size: size}
			list.QueryPage(b, &pages[i], first, list.Orders{p.order}, p.source)
		}
		queryExact(b, &found.Exact, q.Typed)
	})
	if err != nil {
		return Found{}, fmt.Errorf("search: %w", err)
	}
	for i, kind := range Kinds {
		if groups[i].Kind = kind; groups[i].Hits == nil {
			groups[i].Hits = pages[i].Rows
		}
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
