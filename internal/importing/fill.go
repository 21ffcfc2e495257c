package importing

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/contact"
	"fieldgate/internal/exchange"
	"fieldgate/internal/postgres"
)

// Fill puts a thing into a record: into what is there, or into a new one.
func Fill(r exchange.Record, it Item) error {
	there := exchange.HeadOf(r).Row != 0
	if there && it.Mode == Missing {
		return nil
	}
	if there && it.Mode == Blanks {
		return fillBlanks(r, it)
	}
	var done *exchange.Task
	if t, ok := r.(*exchange.Task); ok && t.DoneAt != nil {
		was := *t
		done = &was
	}
	if c, ok := r.(*exchange.Contact); ok && !there && len(c.Permissions) == 0 {
		c.Permissions = slices.Clone(usualPermissions) // what the file has is written over it
	}
	if err := json.Unmarshal(it.Body, r); err != nil {
		return fmt.Errorf("fill in line %d: %w", it.Line, err)
	}
	if t, ok := r.(*exchange.Task); ok && done != nil && t.DoneAt != nil {
		t.DoneAt = done.DoneAt // when it was done is known here
	}
	return nil
}

// usualPermissions are those of the preset that a new contact's form begins with.
// They hold once somebody invites the contact.
var usualPermissions = []string{"jobs_see=" + string(contact.All), "quotes_see=" + string(contact.All)}

// fillBlanks fills what is empty in what is there.
func fillBlanks(r exchange.Record, it Item) error {
	from, ok := reflect.New(reflect.TypeOf(r).Elem()).Interface().(exchange.Record)
	if !ok {
		return nil
	}
	if err := json.Unmarshal(it.Body, from); err != nil {
		return fmt.Errorf("fill in line %d: %w", it.Line, err)
	}
	for _, f := range exchange.Fields(it.Kind) {
		if v := f.Get(r); !f.Out && f.Ref == "" && (v == nil || reflect.ValueOf(v).IsZero()) {
			f.Set(r, f.Get(from))
		}
	}
	return nil
}

// LabelOf is how people call a thing, as far as the file says it.
func LabelOf(t Thing) string {
	if records, ok := t.Body["records"].([]map[string]any); ok && len(records) > 0 {
		for _, name := range []string{"name", "code", "quote", "job", "text"} {
			if s := text(records[0][name]); s != "" {
				return shorten(s)
			}
		}
		return ""
	}
	names := []string{"number", "name", "subject", "description", "email", "job"}
	if t.Kind != Jobs && t.Kind != Quotes {
		names[0], names[1] = names[1], names[0]
	}
	for _, name := range names {
		if s := text(t.Body[name]); s != "" {
			return shorten(s)
		}
	}
	return ""
}

// VersionOf is the version of what a thing became; apperr.NotFound when it is gone.
func VersionOf(ctx context.Context, db postgres.DB, it Item) (int64, error) {
	r, err := exchange.ReadRow(ctx, db, it.Kind, it.RowID)
	if err != nil {
		return 0, err
	}
	return exchange.HeadOf(r).Version, nil
}

// Choose says what becomes of what was edited here since.
func Choose(ctx context.Context, tx postgres.Tx, id int64, overwrite bool) error {
	if _, err := tx.Exec(ctx, `update imports set overwrite = $2 where id = $1`, id, overwrite); err != nil {
		return fmt.Errorf("choices of import %d: %w", id, err)
	}
	return nil
}

// ReadChoices are what words of a file can mean.
func ReadChoices(ctx context.Context, db postgres.DB) (c Choices, err error) {
	err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryChoices(b, &c) })
	return c, err
}

// QueryChoices adds them to a batch.
func QueryChoices(b *postgres.Batch, c *Choices) {
	postgres.QueryValues(b, &c.JobTypes, `select name from job_types order by active desc, name`, nil)
	postgres.Query(b, &c.Staff, `select name, email from staff where archived_at is null order by name, id`, pgx.NamedArgs{})
}

// Makes are the kinds of things that rows of a table make, with those that they
// only name.
func (s SheetMapping) Makes() (kinds []Kind) {
	if s.Skip {
		return nil
	}
	if s.Own {
		return []Kind{s.Kind}
	}
	for _, k := range Kinds {
		makes := s.Kind == k && k != QuoteLines
		switch {
		case s.Kind == Customers && (k == Sites || k == Contacts):
			makes = hasKind(s, k)
		case s.Kind == QuoteLines && k == Quotes:
			makes = true // refused where the quote is missing
		case (s.Kind == Jobs || s.Kind == Quotes) && k == Sites:
			makes = s.has(Target(string(s.Kind)+".site"), Target(string(s.Kind)+".site_address.line1"), Target(string(s.Kind)+".site_address.whole"))
		case (s.Kind == Jobs || s.Kind == Quotes) && k == Contacts:
			makes = s.has(Target(string(s.Kind)+".main_contact"), Target(string(s.Kind)+".main_contact_email"))
		}
		if makes {
			kinds = append(kinds, k)
		}
	}
	return kinds
}

func hasKind(s SheetMapping, k Kind) bool {
	for _, t := range s.Columns {
		if t.Kind() == k {
			return true
		}
	}
	return false
}

// Passes is how many rows a check goes through, each once for each kind.
func (m Mapping) Passes(tables []Table) (n int) {
	for i, s := range m.Sheets {
		if !s.Own || slices.Contains(Order, s.Kind) { // lines come in with what they are lines of
			n += tables[i].Rows * len(s.Makes())
		}
	}
	return n
}

// Fits reports whether a remembered mapping has a table for each of these.
func (m Mapping) Fits(tables []Table) bool {
	for _, t := range tables {
		if m.of(t) < 0 {
			return false
		}
	}
	return len(tables) > 0
}

// of is the table of the mapping that has the heads of t, by preference the one
// of its name; -1 for none.
func (m Mapping) of(t Table) int {
	found := -1
	for i, s := range m.Sheets {
		if Fingerprint([]Table{{Heads: headsOf(s.Heads)}}) != Fingerprint([]Table{t}) {
			continue
		}
		if s.Name == t.Name {
			return i
		}
		if found < 0 {
			found = i
		}
	}
	return found
}

// For is the remembered mapping for these tables, whose columns may stand in
// another order.
func (m Mapping) For(tables []Table) Mapping {
	out := Mapping{Values: m.Values, Twins: m.Twins, JobType: m.JobType}
	for _, t := range tables {
		s := m.Sheets[m.of(t)]
		at := map[string]int{}
		for i, h := range s.Heads {
			at[compact(h)] = i
		}
		fresh := SheetMapping{Name: t.Name, Kind: s.Kind, Skip: s.Skip, Own: s.Own}
		for i, h := range t.Heads {
			fresh.Heads = append(fresh.Heads, h.Name)
			j, ok := at[compact(h.Name)]
			if !ok || j >= len(s.Columns) {
				fresh.Columns = append(fresh.Columns, "")
				continue
			}
			fresh.Columns = append(fresh.Columns, s.Columns[j])
			fresh.Read(i, s.Orders[j], s.Points[j])
		}
		out.Sheets = append(out.Sheets, fresh)
	}
	return out
}
