package quote

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/day"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// BroughtVersion is a version of a quote as another system has it.
type BroughtVersion struct {
	Number                                           int
	SentAt                                           *time.Time // nil for the newest, which is being priced
	SentBy                                           int64      // 0 for nobody of ours
	Name, Description, Inclusions, Exclusions, Terms string
	ValidUntil                                       day.Day
	CreatedAt                                        *time.Time
	Lines                                            []Line
}

// checkVersions says what is wrong with the versions of a quote, in their order.
func checkVersions(all []BroughtVersion) problem.Set {
	p := problem.Set{}
	for i, v := range all {
		p.Unless(v.Number > 0 && (i == 0 || v.Number > all[i-1].Number), "number", "Versions are numbered from 1, each once.")
		p.Unless(v.SentAt != nil || i == len(all)-1, "sent_at", "Only the newest version of a quote may be one that was not sent.")
		p.Unless(v.SentAt == nil || len(v.Lines) > 0, Field.Lines.Name, "A version that was sent needs at least one line with a price.")
		p.Limit(Field.Name, v.Name)
		p.Limit(Field.Description, v.Description)
		p.Limit(Field.Inclusions, v.Inclusions)
		p.Limit(Field.Exclusions, v.Exclusions)
		p.Limit(Field.Terms, v.Terms)
		p.Join(CheckLines(v.Lines))
	}
	return p
}

// SetBroughtVersions gives a quote that was brought in all versions that it had
// where it comes from, in the place of the one that came with it. It is false when
// they are there already, and fails with words when the quote has been sent or
// answered here since.
func SetBroughtVersions(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, all []BroughtVersion) (changed bool, err error) {
	all = slices.SortedFunc(slices.Values(all), func(a, b BroughtVersion) int { return a.Number - b.Number })
	if err := checkVersions(all).Err(); err != nil {
		return false, err
	}
	q, err := lockByNumber(ctx, tx, number)
	if err != nil {
		return false, err
	}
	type there struct {
		ID, Answers int64
		Number      int
		SentAt      *time.Time
	}
	rows, err := tx.Query(ctx, `select v.id, v.number, v.sent_at, (select count(*) from acceptances a where a.version_id = v.id) as answers from quote_versions v where v.quote_id = $1 order by v.number`, q.ID)
	if err != nil {
		return false, fmt.Errorf("versions of quote %s: %w", number, err)
	}
	now, err := pgx.CollectRows(rows, pgx.RowToStructByName[there])
	if err != nil {
		return false, fmt.Errorf("versions of quote %s: %w", number, err)
	}
	same := slices.EqualFunc(now, all, func(a there, b BroughtVersion) bool {
		return a.Number == b.Number && (a.SentAt == nil) == (b.SentAt == nil) && (a.SentAt == nil || a.SentAt.Truncate(time.Second).Equal(b.SentAt.Truncate(time.Second)))
	})
	newest := all[len(all)-1]
	if same && (len(all) > 1 || now[0].Answers > 0) {
		return false, nil
	}
	if len(now) > 1 || (len(now) == 1 && (now[0].Answers > 0 || (now[0].SentAt == nil) != (newest.SentAt == nil) && (q.Status != Withdrawn || now[0].SentAt != nil))) || !sameLines(q.Lines, newest.Lines) {
		return false, apperr.Conflictf("Quote %s has been sent, priced or answered here since it was imported, so its earlier versions cannot be added any more.", number)
	}
	var sent int
	for i, v := range slices.Backward(all) { // the one that is there first: its number may be that of another
		sum := Sum(v.Lines)
		args := pgx.NamedArgs{
			"customer": q.CustomerID, "quote": q.ID, "number": v.Number, "net": sum.Net, "tax": sum.Tax, "total": sum.Gross, "name": v.Name, "description": v.Description, "inclusions": v.Inclusions,
			"exclusions": v.Exclusions, "terms": v.Terms, "valid": v.ValidUntil, "sent": v.SentAt, "by": v.SentBy, "created": v.CreatedAt,
		}
		if v.SentAt != nil {
			sent = max(sent, v.Number)
		}
		if i == len(all)-1 && len(now) == 1 { // its lines are there
			args["id"] = now[0].ID
			tag, err := tx.Exec(ctx, `
				update quote_versions set number = @number, name = @name, description = @description, inclusions = @inclusions, exclusions = @exclusions, terms = @terms, valid_until = @valid::date,
					sent_at = @sent, sent_by_id = nullif(@by::bigint, 0), created_at = coalesce(@created, created_at)
				where id = @id and (number, name, description, inclusions, exclusions, terms, valid_until, sent_at, sent_by_id, created_at)
					is distinct from (@number::int, @name, @description, @inclusions, @exclusions, @terms, @valid::date, @sent::timestamptz, nullif(@by::bigint, 0), coalesce(@created::timestamptz, created_at))`, args)
			if err != nil {
				return false, fmt.Errorf("number the version of quote %s: %w", number, err)
			}
			if same && tag.RowsAffected() == 0 {
				return false, nil
			}
			continue
		}
		var id int64
		err := tx.QueryRow(ctx, `
			insert into quote_versions (customer_id, quote_id, number, net, tax, total, name, description, inclusions, exclusions, terms, valid_until, sent_at, sent_by_id, created_at)
			values (@customer, @quote, @number, @net, @tax, @total, @name, @description, @inclusions, @exclusions, @terms, @valid::date, @sent, nullif(@by::bigint, 0), coalesce(@created, @sent, now()))
			returning id`, args).Scan(&id)
		if err != nil {
			return false, fmt.Errorf("add a version of quote %s: %w", number, err)
		}
		if err := setVersionLines(ctx, tx, q.CustomerID, id, v.Lines); err != nil {
			return false, err
		}
	}
	// The words that contacts search are made of the version that was sent last.
	if _, err := tx.Exec(ctx, `update quotes set sent_version = nullif(@sent::int, 0), search = '' where id = @id`, pgx.NamedArgs{"id": q.ID, "sent": sent}); err != nil {
		return false, fmt.Errorf("say which version of quote %s was sent: %w", number, err)
	}
	if same && len(all) == 1 {
		return true, nil
	}
	return true, audit.Record(ctx, tx, by, audit.New{Action: audit.QuoteHistoryBrought, ID: q.ID, Label: q.Number, Customer: q.CustomerID, After: map[string]any{"versions": len(all)}})
}

// BroughtAnswer is an answer to a quote that was given in another system, or in
// another installation of this program.
type BroughtAnswer struct {
	Version       int
	Decision      Status // Accepted or Declined
	Contact       int64  // 0 for somebody who is no contact
	FullName      string
	PurchaseOrder string
	Reason        string
	Terms         string // that were shown
	At            time.Time
	Way           Way // Elsewhere when empty
	RecordedBy    int64
	RecordedAt    *time.Time
	Address       string
	Browser       string
	ByLink        bool
	Signature     string // the blob of the drawn signature, "" for none
}

func (b BroughtAnswer) check(q Quote) problem.Set {
	p := problem.Set{}
	p.Unless(b.Decision == Accepted || b.Decision == Declined, "decision", "Choose Accepted or Declined.")
	p.Unless(b.Decision != Accepted || q.Status == Accepted, "decision", fmt.Sprintf("This quote is %s, and an imported answer does not change that. Import it as Accepted first.", q.Status.Label()))
	p.Unless(b.Decision != Declined || q.Status != Sent || b.Version != q.SentVersion, "decision", "This quote is Sent, and an imported answer does not change that. Import it as Declined first.")
	p.Unless(b.FullName != "", "full_name", "Say who answered.")
	p.Name(b.FullName, "full_name", "name")
	p.Limit(Field.PurchaseOrder, b.PurchaseOrder)
	p.Text(b.Reason, "reason", "reason")
	p.Unless(ways[b.Way].label != "", "way", "Say how the answer came.")
	p.Unless(b.Way != Portal || b.Contact != 0, "contact", "Say which contact answered in the portal.")
	p.Unless(!slices.Contains(RecordedWays, b.Way) || b.RecordedBy != 0, "recorded_by", "Say who recorded the answer.")
	p.Unless(b.Signature == "" || b.Way == Portal || b.Way == Elsewhere, "signature", "An answer that staff recorded has no signature.")
	_, err := netip.ParseAddr(b.Address)
	p.Unless(b.Address == "" || err == nil, "address", "This is no internet address.")
	return p
}

// BringAnswer records what the customer said elsewhere to a version that was
// brought in. Nobody is told, and the quote's status is that which it came with.
// It is false when the answer is there already.
func BringAnswer(ctx context.Context, tx postgres.Tx, by audit.Actor, number string, b BroughtAnswer) (fresh bool, err error) {
	q, err := lockByNumber(ctx, tx, number)
	if err != nil {
		return false, err
	}
	if b.Way == "" {
		b.Way = Elsewhere
	}
	p := b.check(q)
	var version, answered int64
	var decision, name string
	err = tx.QueryRow(ctx, `
		select v.id, coalesce(a.id, 0), coalesce(a.decision, ''), coalesce(a.full_name, '') from quote_versions v left join acceptances a on a.version_id = v.id
		where v.quote_id = $1 and v.number = $2 and v.sent_at is not null`, q.ID, b.Version).Scan(&version, &answered, &decision, &name)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return false, fmt.Errorf("find the version that was answered: %w", err)
	}
	p.Unless(version != 0, "number", fmt.Sprintf("Quote %s has no version %d that was sent.", number, b.Version))
	if err := p.Err(); err != nil {
		return false, err
	}
	if answered != 0 {
		if decision != string(b.Decision) || name != b.FullName {
			return false, apperr.Conflictf("Version %d of quote %s has another answer here: %s by %s.", b.Version, number, decision, name)
		}
		return false, nil
	}
	if b.RecordedAt == nil && slices.Contains(RecordedWays, b.Way) {
		b.RecordedAt = &b.At
	}
	if !slices.Contains(RecordedWays, b.Way) {
		b.RecordedBy, b.RecordedAt = 0, nil
	}
	_, err = tx.Exec(ctx, `
		insert into acceptances (customer_id, version_id, contact_id, decision, full_name, purchase_order, signature_key, reason, terms, at, address, browser, by_link, way, recorded_by_id, recorded_at, brought_at)
		values (@customer, @version, nullif(@contact::bigint, 0), @decision, @name, @po, @signature, @reason, @terms, @at, nullif(@address, '')::inet, left(@browser, 500), @by_link, @way,
			nullif(@recorded_by::bigint, 0), case when @recorded_at::timestamptz is not null then greatest(@recorded_at, @at) end, now())`,
		pgx.NamedArgs{
			"customer": q.CustomerID, "version": version, "contact": b.Contact, "decision": string(b.Decision), "name": b.FullName, "po": b.PurchaseOrder, "signature": b.Signature, "reason": b.Reason,
			"terms": b.Terms, "at": b.At, "address": b.Address, "browser": b.Browser, "by_link": b.ByLink && b.Way == Portal, "way": b.Way, "recorded_by": b.RecordedBy, "recorded_at": b.RecordedAt,
		})
	if err != nil {
		return false, fmt.Errorf("bring in the answer to quote %s: %w", number, err)
	}
	return true, audit.Record(ctx, tx, by, audit.New{
		Action: audit.QuoteAnswerBrought, ID: q.ID, Label: q.Number, Customer: q.CustomerID,
		After: recordedSnapshot{answerSnapshot{Status: b.Decision, SentVersion: b.Version, FullName: b.FullName, PurchaseOrder: b.PurchaseOrder, Reason: b.Reason, Version: q.Version}, b.Way, b.At, b.Contact},
	})
}
