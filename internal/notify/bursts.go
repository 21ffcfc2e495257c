package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/postgres"
)

// loud is how many mails within an hour one contact causes to one address that
// are told one by one. What follows gathers, by kind of mail, into one every ten
// minutes, so that nothing is left untold.
const loud = 10

// occasion is what one mail of a burst would have told of.
type occasion struct {
	Job       int64 `json:"job,omitempty"`
	Quote     int64 `json:"quote,omitempty"`
	Equipment int64 `json:"equipment,omitempty"`
	Message   int64 `json:"message,omitempty"`
}

// causedOften are those addresses to which a contact has caused many mails within
// the hour, among the newest of theirs, in the order of an index: asked for those of an
// hour, PostgreSQL looks through everybody's, of which it expects none.
const causedOften = `
	select a from unnest(@to::text[]) a
	join (
		select lower(to_address) as told, count(*) as often
		from (select to_address, created_at from emails where by_contact_id = @by order by created_at desc limit @newest) newest
		where created_at > now() - interval '1 hour' group by 1) caused on told = lower(a)
	where often >= @loud`

// calm lets mails gather when their contact has caused enough of them. The
// contact acts once at a time, so that none is missed.
func calm(ctx context.Context, tx postgres.Tx, mails []email) error {
	to := map[int64][]string{} // by who caused them
	for _, e := range mails {
		if e.mayGather() {
			to[e.by] = append(to[e.by], e.To)
		}
	}
	full := map[int64][]string{}
	err := postgres.Read(ctx, tx, func(b *postgres.Batch) {
		for by, all := range to {
			b.Add(causedOften,
				pgx.NamedArgs{"by": by, "to": all, "loud": loud, "newest": 4 * loud * len(all)}, func(rows pgx.Rows) (err error) {
					full[by], err = pgx.CollectRows(rows, pgx.RowTo[string])
					return err
				})
		}
	})
	if err != nil {
		return fmt.Errorf("count the mails of a burst: %w", err)
	}
	for i, e := range mails {
		if e.mayGather() && slices.Contains(full[e.by], e.To) {
			mails[i].gather()
		}
	}
	return nil
}

// mayGather is whether the mail tells of what a contact has done, and of nothing
// that gathers anyway.
func (e email) mayGather() bool { return e.by != 0 && e.gathers == "" && e.dropped == "" }

// gather makes a mail of a burst one that gathers.
func (e *email) gather() {
	e.gathers, e.wait = fmt.Sprintf("%s by %d to %s", e.Kind, e.by, strings.ToLower(e.To)), gathering
	if e.Contact != 0 { // who sees one record may not see another
		e.gathers += fmt.Sprintf(" contact %d job %d quote %d", e.Contact, e.Job, e.Quote)
	}
	if e.Kind != KindDetailsChanged { // its changes are one list
		e.Payload.Gathered = []occasion{{e.Job, e.Quote, e.Payload.Equipment, e.Payload.Message}}
	}
}

// from is the mail as it would be about the nth of what it has gathered, with
// the others after it.
func (e email) from(n int) email {
	if n < len(e.Payload.Gathered) {
		t := e.Payload.Gathered[n]
		e.Job, e.Quote, e.Payload.Equipment, e.Payload.Message = t.Job, t.Quote, t.Equipment, t.Message
		e.Payload.Gathered = e.Payload.Gathered[n:]
	}
	return e
}

// contentOfFirst is the content of the first that there is still something to
// tell of, and the mail as it is about that.
func (w Worker) contentOfFirst(ctx context.Context, e email) (content any, about email, err error) {
	for n := range max(len(e.Payload.Gathered), 1) {
		about = e.from(n)
		content, err = w.content(ctx, about)
		if !isDropped(err) {
			break
		}
	}
	return content, about, err
}

// others are lines about what else a mail has gathered: for the customer's side,
// which may not see all of it, how much that is.
func (w Worker) others(ctx context.Context, l Line, e email) ([]string, error) {
	if len(e.Payload.Gathered) < 2 {
		return nil, nil
	}
	rest := e.Payload.Gathered[1:]
	if l.Audience == Customer {
		if len(rest) == 1 {
			return []string{"One more message"}, nil
		}
		return []string{fmt.Sprintf("%d more messages", len(rest))}, nil
	}
	rows, err := w.Pool.Query(ctx, `
		select concat_ws(' ', coalesce(j.number, q.number, eq.number),
			coalesce('“' || left(m.text, 80) || '”', nullif(j.name, ''), left(j.description, 80), nullif(q.name, ''), left(q.description, 80), eq.name))
		from unnest(@jobs::bigint[], @quotes::bigint[], @equipment::bigint[], @messages::bigint[]) with ordinality t(job, quote, equipment, message, n)
		left join jobs j on j.id = t.job left join quotes q on q.id = t.quote left join equipment eq on eq.id = t.equipment left join messages m on m.id = t.message
		order by t.n`, columnsOf(rest))
	if err != nil {
		return nil, fmt.Errorf("read what else the mail tells of: %w", err)
	}
	lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil {
		return nil, fmt.Errorf("read what else the mail tells of: %w", err)
	}
	return lines, nil
}

func columnsOf(all []occasion) pgx.NamedArgs {
	var jobs, quotes, equipment, messages []int64
	for _, t := range all {
		jobs, quotes, equipment, messages = append(jobs, t.Job), append(quotes, t.Quote), append(equipment, t.Equipment), append(messages, t.Message)
	}
	return pgx.NamedArgs{"jobs": jobs, "quotes": quotes, "equipment": equipment, "messages": messages}
}
