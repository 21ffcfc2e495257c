package exchange

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/keeper"
	"fieldgate/internal/postgres"
)

// Refs find what records refer to, and remember it: rows of one file name the
// same customers again and again. They also know what a dry run would have made.
// Refs are for one transaction, or one dry run.
type Refs struct {
	source   string
	reach    Reach // whose names there are; those of others are nobody's
	found    map[place]called
	promised map[int64]promise // what would be made, whose ids are below zero
	doubted  map[place]bool    // names of two things in the file
	putting  Kind              // what comes in
	beside   bool              // it stands in the row of its customer
	owners   map[int64]int64   // whose that is, where names are not those of a customer
	keepers  keeper.Keepers
}

// place is where a name stands for something: names of sites and contacts are
// those of one customer.
type place struct {
	kind     Kind
	customer int64
	name     string
}

// called are the rows that a name stands for; gone says that they are archived.
type called struct {
	rows []int64
	gone bool
}

// only is a name of one row; of none where that is 0.
func only(row int64) called {
	if row == 0 {
		return called{}
	}
	return called{rows: []int64{row}}
}

// one is the only one of them, 0 for none.
func (c called) one() (int64, error) {
	switch len(c.rows) {
	case 0:
		return 0, nil
	case 1:
		return c.rows[0], nil
	}
	return 0, several(c.rows)
}

// promise is what a dry run would make: its id at the source, what it is called, and
// whether it comes in archived.
type promise struct {
	external string
	names    []string
	gone     bool
}

// NewRefs are Refs for what comes from a source.
func NewRefs(source string) *Refs {
	return &Refs{source: source, found: map[place]called{}, promised: map[int64]promise{}, doubted: map[place]bool{}, owners: map[int64]int64{}}
}

// errSeveral says that a name is that of more than one.
var errSeveral = errors.New("several of that name")

// several is errSeveral with the rows that they are.
type several []int64

func (several) Error() string        { return errSeveral.Error() }
func (several) Is(target error) bool { return target == errSeveral }

// gone tells whether what comes in is archived.
func gone(r Record) bool {
	switch r := r.(type) {
	case *Customer:
		return r.Archived
	case *Site:
		return r.Archived
	case *Contact:
		return r.Archived
	}
	return false
}

// promise gives what would be made an id, unless row is the one that it was given
// before, and the names by which other rows of the same file refer to it. A name that
// another has, too, stands for neither; who is there goes before who is archived.
func (r *Refs) promise(ctx context.Context, db postgres.DB, k Kind, customer, row int64, p promise) (int64, error) {
	if row == 0 {
		row = -1 - int64(len(r.promised))
	}
	r.promised[row] = p
	if _, known := nouns[k]; known { // who has one of the names already
		for _, name := range p.names {
			if _, err := r.find(ctx, db, k, customer, name); err != nil && !errors.Is(err, errSeveral) {
				return 0, err
			}
		}
	}
	for _, name := range append(slices.Clone(p.names), r.external(p.external)) {
		at := place{k, customer, strings.ToLower(name)}
		c := r.found[at]
		switch {
		case name == "", len(c.rows) > 0 && p.gone && !c.gone, slices.Contains(c.rows, row):
			continue
		case c.gone && !p.gone:
			c = called{}
		}
		r.found[at] = called{rows: append(slices.Clone(c.rows), row), gone: p.gone}
	}
	return row, nil
}

// Doubt lets a name stand for nothing in a dry run: the file has another thing of that
// name, which is refused. What stands in a customer's own row goes by it still. A name
// is one of a customer's where that is how things of the kind are told apart.
func (r *Refs) Doubt(ctx context.Context, db postgres.DB, k Kind, customer, name string) error {
	at := place{kind: k, name: strings.ToLower(name)}
	if nouns[k].ofCustomer {
		of, err := r.find(ctx, db, Customers, 0, customer)
		if err != nil && !errors.Is(err, errSeveral) {
			return err
		}
		if at.customer = of; of == 0 {
			return nil // of nobody nothing is named
		}
	}
	r.doubted[at] = true
	return nil
}

// doubts reports whether a name of which another thing in the file has made two is to
// stand for one of them.
func (r *Refs) doubts(at place) bool {
	return r.doubted[at] && r.putting != at.kind && !(at.kind == Customers && r.beside)
}

// forget lets names be looked for anew: something has one of them now, and another may
// have it, too.
func (r *Refs) forget(k Kind, customer int64, names ...string) {
	for _, name := range names {
		delete(r.found, place{k, customer, strings.ToLower(name)})
	}
}

// find is the row that a name refers to, 0 for none: "#" and its id, a source and
// its id there, its id at the source that this comes from, or what people call it.
func (r *Refs) find(ctx context.Context, db postgres.DB, k Kind, customer int64, name string) (int64, error) {
	if name == "" {
		return 0, nil
	}
	if !nouns[k].ofCustomer {
		customer = 0
	}
	at := place{k, customer, strings.ToLower(name)}
	if r.doubts(at) {
		return 0, errSeveral
	}
	if c, known := r.found[at]; known {
		return c.one()
	}
	c, err := r.look(ctx, db, k, customer, name)
	if err == nil && k == Customers && len(c.rows) == 1 {
		c.rows[0], err = mergedInto(ctx, db, c.rows[0])
		if !r.reach.Has(c.rows[0]) {
			return 0, err
		}
	}
	if err != nil || len(c.rows) == 0 {
		return 0, err
	}
	r.found[at] = c
	return c.one()
}

// mergedInto is the customer that all of this one's went to, or itself.
func mergedInto(ctx context.Context, db postgres.DB, row int64) (into int64, err error) {
	if err := db.QueryRow(ctx, `select coalesce(merged_into_id, id) from customers where id = $1`, row).Scan(&into); err != nil {
		return 0, fmt.Errorf("customer that another was merged into: %w", err)
	}
	return into, nil
}

func (r *Refs) look(ctx context.Context, db postgres.DB, k Kind, customer int64, name string) (called, error) {
	n := nouns[k]
	if key, ok := strings.CutPrefix(name, "#"); ok {
		row, err := r.byID(ctx, db, k, customer, key)
		if err != nil || row != 0 {
			return only(row), err
		}
	}
	if source, id, ok := strings.Cut(name, ":"); ok {
		if row, err := findExternal(ctx, db, k, source, id); err != nil || row != 0 {
			row, err = r.ofCustomer(ctx, db, k, customer, row, err)
			return only(row), err
		}
	}
	if r.source != "" && r.source != Ours {
		if row, err := findExternal(ctx, db, k, r.source, name); err != nil || row != 0 {
			row, err = r.ofCustomer(ctx, db, k, customer, row, err)
			return only(row), err
		}
	}
	if customer < 0 && n.ofCustomer { // nothing of a customer that is not there yet is there
		return called{}, nil
	}
	rows, err := db.Query(ctx, n.named, pgx.NamedArgs{"name": name, "customer": customer, "all": r.reach.all(), "reach": postgres.IDs(r.reach)})
	if err != nil {
		return called{}, fmt.Errorf("find %s %q: %w", k.One(), name, err)
	}
	type match struct {
		ID   int64
		Sure bool // by what is there once, and not by a name
		Gone bool
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[match])
	if err != nil {
		return called{}, fmt.Errorf("find %s %q: %w", k.One(), name, err)
	}
	if len(all) == 0 {
		return called{}, nil
	}
	c := called{rows: []int64{all[0].ID}, gone: all[0].Gone}
	for _, m := range all[1:] {
		if !all[0].Sure && m.Gone == c.gone && !slices.Contains(c.rows, m.ID) {
			c.rows = append(c.rows, m.ID)
		}
	}
	return c, nil
}

// byID finds what "#" and an id stand for: in an export of ours, the id that it
// had where it comes from.
func (r *Refs) byID(ctx context.Context, db postgres.DB, k Kind, customer int64, key string) (int64, error) {
	if r.source != Ours {
		return findRow(ctx, db, k, key, customer)
	}
	row, err := findExternal(ctx, db, k, Ours, key)
	return r.ofCustomer(ctx, db, k, customer, row, err)
}

// external is how rows of the same file refer to a thing by its id at the source.
func (r *Refs) external(id string) string {
	if r.source == Ours && id != "" {
		return "#" + id
	}
	return id
}

// ofCustomer is a row of that customer, else none.
func (r *Refs) ofCustomer(ctx context.Context, db postgres.DB, k Kind, customer, row int64, err error) (int64, error) {
	if err != nil || row == 0 || !nouns[k].ofCustomer || customer == 0 {
		return row, err
	}
	var is bool
	if err := db.QueryRow(ctx, `select exists (select from `+nouns[k].table+` where id = $1 and customer_id = $2)`, row, customer).Scan(&is); err != nil {
		return 0, fmt.Errorf("customer of %s: %w", k.One(), err)
	}
	if !is {
		return 0, nil
	}
	return row, nil
}

// findRow is the row of a record's id, as Head.ID has it; 0 for none. Customer is
// whose it must be, 0 for anybody's.
func findRow(ctx context.Context, db postgres.DB, k Kind, key string, customer int64) (row int64, err error) {
	n := nouns[k]
	condition := n.key + `::text = @key`
	if n.key == "id" {
		condition = `id = case when @key ~ '^[0-9]{1,18}$' then @key::bigint end`
	}
	if n.ofCustomer && customer != 0 {
		condition += ` and customer_id = @customer`
	}
	err = db.QueryRow(ctx, `select coalesce((select id from `+n.table+` where `+condition+`), 0)`, pgx.NamedArgs{"key": key, "customer": customer}).Scan(&row)
	if err != nil {
		return 0, fmt.Errorf("find %s: %w", k.One(), err)
	}
	return row, nil
}

// findExternal is the row that a source knows under an id; 0 for none.
func findExternal(ctx context.Context, db postgres.DB, k Kind, source, id string) (row int64, err error) {
	err = db.QueryRow(ctx, `select coalesce((select row_id from external_ids where kind = $1 and source = $2 and id = $3), 0)`, k, source, id).Scan(&row)
	if err != nil {
		return 0, fmt.Errorf("find %s by the id of %s: %w", k.One(), source, err)
	}
	return row, nil
}

// rows are what a field names, in one order; 0 for what is not there.
func (r *Refs) rows(ctx context.Context, db postgres.DB, k Kind, customer int64, names any) (rows []int64, err error) {
	all, _ := names.([]string)
	if one, ok := names.(string); ok && one != "" {
		all = []string{one}
	}
	if !nouns[k].ofCustomer {
		customer = 0
	}
	for _, name := range all {
		row, err := r.find(ctx, db, k, customer, name)
		if err != nil && !errors.Is(err, errSeveral) {
			return nil, err
		}
		rows = append(rows, row)
	}
	slices.Sort(rows)
	return rows, nil
}

// Lookup is the row that a name refers to, as in a record that comes from source;
// apperr.NotFound when there is none, or more than one.
func Lookup(ctx context.Context, db postgres.DB, source string, k Kind, name string) (int64, error) {
	row, err := NewRefs(source).find(ctx, db, k, 0, name)
	if errors.Is(err, errSeveral) || (err == nil && row == 0) {
		return 0, apperr.NotFound
	}
	return row, err
}

// Lock lets whoever brings in the same ids of a source wait for each other until
// the transaction ends, so that what is new is made once.
func Lock(ctx context.Context, tx postgres.Tx, source string, all ...Incoming) error {
	var ids []string
	for _, in := range all {
		if in.External != "" && source != "" {
			ids = append(ids, string(in.Kind)+" "+source+" "+in.External)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	// In one order, so that nobody waits for somebody who waits for them.
	_, err := tx.Exec(ctx, `select pg_advisory_xact_lock(k) from (select distinct hashtextextended(id, 14) as k from unnest(@ids::text[]) id order by 1) keys`, pgx.NamedArgs{"ids": ids})
	if err != nil {
		return fmt.Errorf("lock ids of %s: %w", source, err)
	}
	return nil
}
