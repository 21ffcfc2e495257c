package exchange

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Incoming is one thing that comes in.
type Incoming struct {
	Kind     Kind
	Key      string       // Head.ID of what it is, when that is known; there must be such a thing
	External string       // its id at the source, "" for none
	Also     []ExternalID // its ids at other sources, where it comes from
	Version  int64        // of what it changes, as its sender has seen it; 0 for whichever there is
	Nonce    string       // of a request to create it; the same one creates it once
	Beside   bool         // it is a customer, or stands in the row of one, whose name it goes by
	Named    bool         // it is only named by something else: one of several of its name will do

	// Fill puts what came into a record of the kind, a *Customer and so on. It is
	// called twice: to find out what it is, and on what is there. What it returns as
	// a problem.Set refuses the record.
	Fill func(Record) error
}

// Choices are made for all that comes in together.
type Choices struct {
	// Dry writes nothing: what would be made, the same Refs know from then on.
	Dry bool
	// Overwrite replaces what was edited here since the source last said it.
	Overwrite bool
	// Known says that it has to be there already, else apperr.NotFound.
	Known bool
	// Fresh says that it is another one than all there are: none is looked for.
	Fresh bool
	// Reach is whose things may be brought in and changed: what is out of it is not
	// there for whoever asks.
	Reach Reach
}

// State is what became of what came in.
type State string

// The states.
const (
	New     State = "new"
	Changed State = "changed"
	Same    State = "same"
	Refused State = "refused"
)

// Outcome is what became of one thing, or would.
type Outcome struct {
	State    State
	Row      int64  // below zero of what a dry run would make, 0 of what was refused
	Key      string // Head.ID
	Label    string // how people call it
	Version  int64  // after it
	Before   json.RawMessage
	Fields   []string // that changed
	Edited   []string // that were edited here since the source last said something, and kept unless Overwrite was set
	Differs  []Difference
	Problems problem.Set // of what was refused, by field
}

// Difference is a field that was edited here since the source last said something:
// what stands here, and what the source says now.
type Difference struct{ Field, Here, There string }

// Put brings one thing in. What is wrong with it is an Outcome, and so is what
// the database refuses; then its savepoint has to be rolled back. Any other
// failure is an error.
func Put(ctx context.Context, tx postgres.Tx, by By, refs *Refs, in Incoming, c Choices) (Outcome, error) {
	out, err := put(ctx, tx, by, refs, in, c)
	if refusal, ok := refused(err); ok {
		return Outcome{State: Refused, Row: out.Row, Key: out.Key, Label: out.Label, Problems: refusal}, nil
	}
	if err != nil {
		return out, fmt.Errorf("bring in a %s: %w", in.Kind.One(), err)
	}
	return out, nil
}

// refused are the problems that an error stands for.
func refused(err error) (problem.Set, bool) {
	if p, ok := errors.AsType[problem.Set](err); ok {
		return p, true
	}
	if conflict, ok := errors.AsType[apperr.Conflict](err); ok {
		return problem.Set{"": conflict.Words}, true
	}
	return nil, false
}

func put(ctx context.Context, tx postgres.Tx, by By, refs *Refs, in Incoming, c Choices) (out Outcome, err error) {
	n, known := nouns[in.Kind]
	if !known {
		return out, fmt.Errorf("no kind %q", in.Kind)
	}
	probe := n.blank(by)
	if err := in.Fill(probe); err != nil {
		return out, err
	}
	out.Label = label(n, probe)
	refs.reach, refs.putting, refs.beside = c.Reach, in.Kind, in.Beside
	there, err := atSource(ctx, tx, by, in)
	if err != nil {
		return out, err
	}
	var row int64
	if !c.Fresh {
		row, err = n.find(ctx, tx, refs, by, in, there.row, probe)
	}
	switch {
	case errors.Is(err, errSeveral) && in.Named:
		out.State = Same
		return out, nil
	case errors.Is(err, errSeveral):
		return out, problem.Of("name", "There is more than one "+in.Kind.One()+" of this name. "+sayWhich(in.Kind))
	case err != nil:
		return out, err
	case in.Named && row < 0: // the same file brings it
		out.State = Same
		return out, nil
	}
	if in.Kind == Customers && row > 0 {
		// One who is two at the source and was merged here: the source goes on telling of
		// both, and the one who stays is told by its own id alone.
		into, err := mergedInto(ctx, tx, row)
		switch {
		case err != nil:
			return out, err
		case !c.Reach.Has(row) || !c.Reach.Has(into): // is not there for whoever asks
			if in.Key != "" {
				return out, apperr.NotFound
			}
			row = 0
		case into != row:
			out.State, out.Row = Same, into
			return out, nil
		}
	}
	var was Record
	now := n.blank(by)
	if row > 0 {
		if was, err = FindRow(ctx, tx, in.Kind, row, c.Reach); err != nil {
			return out, err
		}
		now = clone(was)
		out.Row, out.Key = row, HeadOf(was).ID
		if in.Version != 0 && in.Version != HeadOf(was).Version {
			return out, apperr.Stale
		}
	} else if c.Known {
		return out, apperr.NotFound
	}
	if err := in.Fill(now); err != nil {
		return out, err
	}
	*now.head() = Head{}
	if was != nil {
		*now.head() = HeadOf(was)
	}
	n.leaveOut(in.Kind, by, was, now)
	if was != nil && n.stay != nil {
		n.stay(was, now)
	}
	if c, ok := now.(*Contact); ok {
		c.Permissions = tidied(c.Permissions, c.Sites)
	}
	if err := n.callAlike(ctx, tx, refs, in.Kind, was, now); err != nil {
		return out, err
	}
	said := clone(now) // whatever is kept here instead
	if out.Edited, out.Differs, err = n.keepEdits(by, in.Kind, there.said, was, now, c.Overwrite); err != nil {
		return out, err
	}
	if was != nil {
		if out.Fields = changed(in.Kind, was, now); len(out.Fields) == 0 {
			out.State, out.Version, out.Label = Same, HeadOf(was).Version, label(n, was)
			if c.Dry {
				return out, nil
			}
			if err := note(ctx, tx, by, in, row, said); err != nil {
				return out, err
			}
			return out, answer(ctx, tx, by, refs, in.Kind, was)
		}
		if out.Before, err = json.Marshal(was); err != nil {
			return out, err //nolint:wrapcheck // wrapped by Put
		}
	}
	if err := refs.mayChange(ctx, tx, by, in.Kind); err != nil {
		return out, err
	}
	j := judging{ctx: ctx, db: tx, by: by, refs: refs, reach: c.Reach, was: was, now: now, problems: problem.Set{}}
	if was == nil && in.Kind == Customers && !c.Reach.all() {
		return out, apperr.Forbidden{Words: "Only who reaches all customers adds one."}
	}
	if err := n.judge(&j); err != nil {
		return out, err
	}
	if err := j.problems.Err(); err != nil {
		return out, err
	}
	out.State = New
	if was != nil {
		out.State = Changed
	}
	out.Label = label(n, now)
	if c.Dry {
		if was == nil {
			if out.Row, err = refs.promise(ctx, tx, in.Kind, customerOf(n, now), row, promise{in.External, n.names(now), gone(now)}); err != nil {
				return out, err
			}
			refs.owners[out.Row] = HeadOf(now).CustomerRow
		}
		return out, nil
	}
	if row, err = n.write(ctx, tx, by, was, now); err != nil {
		return out, err
	}
	after, err := readRow(ctx, tx, in.Kind, row)
	if err != nil {
		return out, err
	}
	out.Row, out.Key, out.Version, out.Label = row, HeadOf(after).ID, HeadOf(after).Version, label(n, after)
	kept := out.Edited
	if c.Overwrite {
		kept = nil
	}
	if err := note(ctx, tx, by, in, row, saying(in.Kind, after, said, kept)); err != nil {
		return out, err
	}
	refs.forget(in.Kind, customerOf(n, after), n.names(after)...)
	return out, answer(ctx, tx, by, refs, in.Kind, after)
}

// known is what a source knows a thing by: its row, 0 for none, and what the
// source said of it last, nil when that is not known.
type known struct {
	row  int64
	said []byte
}

// atSource is what comes in as its source knows it.
func atSource(ctx context.Context, db postgres.DB, by By, in Incoming) (k known, err error) {
	if in.External == "" || by.Source == "" {
		return k, nil
	}
	err = db.QueryRow(ctx, `select row_id, said from external_ids where kind = $1 and source = $2 and id = $3`, in.Kind, by.Source, in.External).Scan(&k.row, &k.said)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return k, fmt.Errorf("what %s knows: %w", by.Source, err)
	}
	return k, nil
}

// find is the row that came in, 0 for a new one: by its key, by its id at the
// source, or by what people call it, unless the source knows that one under
// another id.
func (n noun) find(ctx context.Context, db postgres.DB, refs *Refs, by By, in Incoming, atSource int64, probe Record) (row int64, err error) {
	if in.Key != "" {
		row, err = findRow(ctx, db, in.Kind, in.Key, 0)
		if err == nil && row == 0 {
			err = apperr.NotFound
		}
		return row, err
	}
	if atSource != 0 {
		return atSource, nil
	}
	row, err = n.natural(ctx, db, refs, probe)
	all := only(row).rows
	if same, ok := errors.AsType[several](err); ok {
		all, err = same, nil
	}
	if err != nil {
		return 0, err
	}
	if in.External != "" && by.Source != "" {
		if all, err = refs.without(ctx, db, in, by.Source, all); err != nil {
			return 0, err
		}
	}
	return called{rows: all}.one()
}

// without are those rows that a source does not know under another id. Ids are
// often made of names, which it writes in other letters the next time.
func (r *Refs) without(ctx context.Context, db postgres.DB, in Incoming, source string, rows []int64) ([]int64, error) {
	var known []int64
	if slices.ContainsFunc(rows, func(row int64) bool { return row > 0 }) {
		err := db.QueryRow(ctx, `
			select array(select row_id from external_ids where kind = $1 and row_id = any($2) and source = $3 group by row_id having bool_and(lower(id) <> lower($4)))`, in.Kind, rows, source, in.External).Scan(&known)
		if err != nil {
			return nil, fmt.Errorf("ids of what was found: %w", err)
		}
	}
	return slices.DeleteFunc(slices.Clone(rows), func(row int64) bool {
		other := r.promised[row].external
		return slices.Contains(known, row) || other != "" && !strings.EqualFold(other, in.External)
	}), nil
}

// leaveOut takes back what never comes in.
func (n noun) leaveOut(k Kind, by By, was, now Record) {
	if was == nil {
		was = n.blank(by)
	}
	for _, f := range Fields(k) {
		if f.Out {
			f.Set(now, f.Get(was))
		}
	}
}

// callAlike lets now call things as was does: a customer by the number and by the
// name is the same one.
func (n noun) callAlike(ctx context.Context, db postgres.DB, refs *Refs, k Kind, was, now Record) error {
	if was == nil {
		return nil
	}
	here := NewRefs("") // what is here calls things as they are called here
	here.reach = refs.reach
	for _, f := range Fields(k) {
		if f.Ref == "" || f.same(was, now) {
			continue
		}
		before, err := here.rows(ctx, db, f.Ref, HeadOf(was).CustomerRow, f.Get(was))
		if err != nil {
			return err
		}
		after, err := refs.rows(ctx, db, f.Ref, HeadOf(was).CustomerRow, f.Get(now))
		if err != nil {
			return err
		}
		if slices.Equal(before, after) && !slices.Contains(after, 0) {
			f.Set(now, f.Get(was))
		}
	}
	return nil
}

// keepEdits takes back what somebody has edited here since the source last said
// something, and returns which fields those are and how they differ. With overwrite it only returns them.
func (n noun) keepEdits(by By, k Kind, said []byte, was, now Record, overwrite bool) (edited []string, differs []Difference, err error) {
	if was == nil || said == nil {
		return nil, nil, nil
	}
	last := blanks[k]()
	if err := json.Unmarshal(said, last); err != nil {
		return nil, nil, fmt.Errorf("what %s said last: %w", by.Source, err)
	}
	for _, f := range Fields(k) {
		if f.Out || f.same(last, was) || f.same(was, now) {
			continue
		}
		edited = append(edited, f.Name)
		if f.Ref == "" { // what is named is not told apart by how it is stored
			differs = append(differs, Difference{f.Name, f.Write(by.format(), f.Get(was)), f.Write(by.format(), f.Get(now))})
		}
		if !overwrite {
			f.Set(now, f.Get(was))
		}
	}
	if q, ok := now.(*Quote); ok {
		before, lastly := as[*Quote](was), as[*Quote](last)
		if !sameLines(lastly.Lines, before.Lines) && !sameLines(before.Lines, q.Lines) {
			edited = append(edited, "lines")
			if !overwrite {
				q.Lines = before.Lines
			}
		}
	}
	return edited, differs, nil
}

// saying is what a source has said of a record: what it is now, but for what was
// edited here and kept. The edit would else be taken for the source's own word, and
// the next thing that it says would replace it without a question.
func saying(k Kind, after, said Record, kept []string) Record {
	out := clone(after)
	for _, f := range Fields(k) {
		if slices.Contains(kept, f.Name) {
			f.Set(out, f.Get(said))
		}
	}
	if q, ok := out.(*Quote); ok && slices.Contains(kept, "lines") {
		q.Lines = as[*Quote](said).Lines
	}
	return out
}

// changed are the fields in which records differ.
func changed(k Kind, was, now Record, except ...string) (names []string) {
	for _, f := range Fields(k) {
		if !slices.Contains(except, f.Name) && !f.same(was, now) {
			names = append(names, f.Name)
		}
	}
	if q, ok := now.(*Quote); ok && !sameLines(as[*Quote](was).Lines, q.Lines) {
		names = append(names, "lines")
	}
	return names
}

func sameLines(a, b []QuoteLine) bool {
	return slices.EqualFunc(a, b, QuoteLine.same)
}

// note keeps the id at the source, and what the source said.
func note(ctx context.Context, tx postgres.Tx, by By, in Incoming, row int64, said Record) error {
	for _, also := range in.Also {
		_, err := tx.Exec(ctx, `insert into external_ids (kind, source, id, row_id) values ($1, $2, $3, $4) on conflict do nothing`, in.Kind, also.Source, also.ID, row)
		if err != nil {
			return fmt.Errorf("note the id at %s: %w", also.Source, err)
		}
	}
	if in.External == "" || by.Source == "" {
		return nil
	}
	text, err := json.Marshal(said)
	if err != nil {
		return err //nolint:wrapcheck // wrapped by Put
	}
	_, err = tx.Exec(ctx, `
		insert into external_ids (kind, source, id, row_id, said) values ($1, $2, $3, $4, $5)
		on conflict (kind, source, id) do update set row_id = excluded.row_id, said = excluded.said, at = now()
		where (external_ids.row_id, external_ids.said) is distinct from (excluded.row_id, excluded.said)`, in.Kind, by.Source, in.External, row, text)
	if postgres.Constraint(err) == "external_source" {
		return problem.Of("", "The name of a source has small letters, digits and dashes, up to 40 of them.")
	}
	if postgres.Constraint(err) == "external_id_long" {
		return problem.Of("", "An id at the source has up to 200 characters.")
	}
	if err != nil {
		return fmt.Errorf("note the id at the source: %w", err)
	}
	return nil
}

// customerOf is under which customer names of a record are known; 0 for all.
func customerOf(n noun, r Record) int64 {
	if !n.ofCustomer {
		return 0
	}
	return r.head().CustomerRow
}

// label is how people call a record.
func label(n noun, r Record) string {
	for _, name := range n.names(r) {
		if name != "" {
			return name
		}
	}
	switch r := r.(type) {
	case *Task:
		return r.Job + " " + r.Subject
	case *TimeEntry:
		return r.Job + " " + r.On.String()
	}
	return HeadOf(r).ID
}

// clone is a record whose lists are its own.
func clone(r Record) Record {
	from := reflect.ValueOf(r).Elem()
	to := reflect.New(from.Type())
	to.Elem().Set(from)
	for i := range from.NumField() {
		f := to.Elem().Field(i)
		switch {
		case !f.CanSet():
		case f.Kind() == reflect.Slice && !f.IsNil():
			own := reflect.MakeSlice(f.Type(), f.Len(), f.Len())
			reflect.Copy(own, f)
			f.Set(own)
		case f.Kind() == reflect.Pointer && !f.IsNil():
			own := reflect.New(f.Type().Elem())
			own.Elem().Set(f.Elem())
			f.Set(own)
		}
	}
	return to.Interface().(Record) //nolint:forcetypeassert // of the same type
}
