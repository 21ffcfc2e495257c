package exchange

import (
	"context"
	"slices"
	"strings"

	"fieldgate/internal/company"
	"fieldgate/internal/job"
	"fieldgate/internal/keeper"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
)

// keptAs is as what things of a kind are kept: tasks and time with their job. What
// nobody else can keep is "".
func keptAs(k Kind) keeper.Kind {
	switch k {
	case Tasks, Time:
		return keeper.Jobs
	case Staff, JobTypes:
		return ""
	case Customers, Sites, Contacts, Equipment, Quotes, Jobs:
	}
	return keeper.Kind(k)
}

// KeptElsewhere are the kinds among these that other systems keep than the one they
// would come from: nothing of them comes in.
func KeptElsewhere(keepers keeper.Keepers, source string, kinds []Kind) (kept []keeper.Kind) {
	for _, k := range kinds {
		if kind := keptAs(k); kind != "" && keepers.Check(source, kind) != nil && !slices.Contains(kept, kind) {
			kept = append(kept, kind)
		}
	}
	return kept
}

// mayChange refuses what another system keeps than the one that brings it in.
func (r *Refs) mayChange(ctx context.Context, db postgres.DB, by By, k Kind) error {
	kind := keptAs(k)
	if kind == "" {
		return nil
	}
	keepers, err := r.kept(ctx, db)
	if err != nil {
		return err
	}
	return keepers.Check(by.Source, kind)
}

// kept is who keeps what, asked once.
func (r *Refs) kept(ctx context.Context, db postgres.DB) (keeper.Keepers, error) {
	if r.keepers == nil {
		keepers, err := keeper.Load(ctx, db)
		if err != nil {
			return nil, err
		}
		r.keepers = keepers
	}
	return r.keepers, nil
}

// answer closes what contacts have asked the system for that brings a thing in, as
// far as this says what became of it.
func answer(ctx context.Context, tx postgres.Tx, by By, refs *Refs, k Kind, is Record) error {
	kind := keptAs(k)
	if by.Source == "" || kind != keeper.Kind(k) {
		return nil
	}
	keepers, err := refs.kept(ctx, tx)
	if err != nil || keepers.Keeps(kind).Source != by.Source {
		return err
	}
	h := HeadOf(is)
	waiting, err := keeper.LockOf(ctx, tx, by.Source, kind, h.Row, h.CustomerRow, Name(is))
	if err != nil {
		return err
	}
	for _, r := range waiting {
		reply := replyTo(by.format(), r, k, is)
		if reply.State == "" {
			continue
		}
		if err := keeper.Close(ctx, tx, by.actor(), r, reply); err != nil {
			return err
		}
	}
	return nil
}

// AnswerRequests closes what contacts have asked the system that keeps a thing, as far as
// the thing as it is now says what became of it: for what that system does here
// otherwise than by bringing the thing in.
func AnswerRequests(ctx context.Context, tx postgres.Tx, by By, k Kind, row int64) error {
	refs := NewRefs(by.Source)
	keepers, err := refs.kept(ctx, tx)
	if err != nil || by.Source == "" || keepers.Keeps(keptAs(k)).Source != by.Source {
		return err
	}
	is, err := readRow(ctx, tx, k, row)
	if err != nil {
		return err
	}
	return answer(ctx, tx, by, refs, k, is)
}

// replyTo is what a thing as it is now answers to a request. A field that says what
// it said before is no answer: a source says each night how things are, and does one
// thing after the other. It is done when each field says what was asked. One that
// says a third thing is an answer as well, whatever the source meant by it: what was
// asked was asked of something else.
func replyTo(f company.Format, r keeper.Request, k Kind, is Record) keeper.Reply {
	if r.What == keeper.New {
		if why, ended := endedBySource(is); ended {
			if why == "" {
				why = r.Label + " did not take this up."
			}
			return keeper.Reply{State: keeper.Refused, Words: why}
		}
		return keeper.Reply{State: keeper.Done}
	}
	done, answered, other := false, false, []string(nil)
	for _, c := range r.Changes {
		field, known := FieldNamed(k, c.Field)
		if !known || (r.What == keeper.Withdrawal && c.Field != "status") {
			continue
		}
		now := field.Write(f, field.Get(is))
		switch now {
		case c.After:
			done = true
			continue
		case c.Before:
		default:
			answered = true
		}
		if now == "" {
			now = "nothing"
		}
		other = append(other, c.Label+": "+shortened(now))
	}
	switch {
	case answered:
		return keeper.Reply{State: keeper.Otherwise, Words: r.Label + " has answered with " + strings.Join(other, ", ") + "."}
	case done && len(other) == 0:
		return keeper.Reply{State: keeper.Done}
	}
	return keeper.Reply{}
}

// shortened is the beginning of a long text.
func shortened(text string) string {
	const most = 200
	runes := []rune(strings.Join(strings.Fields(text), " "))
	if len(runes) <= most {
		return string(runes)
	}
	return strings.TrimSpace(string(runes[:most])) + "…"
}

// endedBySource reports whether what was asked for was not taken up, and why.
func endedBySource(is Record) (why string, ended bool) {
	switch r := is.(type) {
	case *Job:
		return r.CancelledWhy, r.Status == string(job.Cancelled)
	case *Quote:
		return "", r.Status == string(quote.Withdrawn)
	}
	return "", false
}

// Changes are the fields in which records of a kind differ, as people read them.
// Of a new one, was is nil, and they are those that say something.
func Changes(f company.Format, k Kind, was, now Record) (all []keeper.Change) {
	for _, field := range Fields(k) {
		if field.Out || field.Name == "created_at" {
			continue
		}
		c := keeper.Change{Field: field.Name, Label: field.Label, After: field.Write(f, field.Get(now))}
		if was != nil {
			c.Before = field.Write(f, field.Get(was))
		} else if field.Empty(now) || field.Type == YesNo && c.After == "No" || field.Name == "customer" {
			continue
		}
		if c.Before != c.After {
			all = append(all, c)
		}
	}
	return all
}

// Name is what people call a thing.
func Name(r Record) string {
	switch r := r.(type) {
	case *Customer:
		return r.Name
	case *Site:
		return r.Name
	case *Contact:
		return r.Name
	case *Item:
		return r.Name
	case *Job:
		return r.Number
	case *Quote:
		return r.Number
	case *JobType:
		return r.Name
	case *Member:
		return r.Name
	case *Task:
		return r.Subject
	}
	return HeadOf(r).ID
}
