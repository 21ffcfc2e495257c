package notify

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/day"
	"fieldgate/internal/person"
	"fieldgate/internal/portal/views"
	"fieldgate/internal/postgres"
)

// recipient is one whom a rule has found.
type recipient struct {
	Contact int64
	Person  int64
	Staff   int64
	Name    string
	Address string
	rule    string
}

// writeAll writes the mails of an event.
func (n *Notifier) writeAll(ctx context.Context, tx postgres.Tx, event Event, e email) error {
	mails, err := mailsOf(ctx, tx, event, e)
	if err != nil {
		return err
	}
	return n.write(ctx, tx, mails...)
}

// mailsOf are the mails of an event: for each line of the table those whom its
// rules find, each address once.
func mailsOf(ctx context.Context, tx postgres.Tx, event Event, e email) (mails []email, err error) {
	for _, l := range table {
		if l.Event != event || (l.Kind == KindMessageToOffice && e.Payload.What == "office") {
			continue
		}
		e.Kind = l.Kind
		var more []email
		if l.Audience == Customer {
			more, err = l.toCustomer(ctx, tx, e)
		} else {
			more, err = l.toOthers(ctx, tx, e)
		}
		if err != nil {
			return nil, fmt.Errorf("tell that %q: %w", event, err)
		}
		mails = append(mails, more...)
	}
	return mails, nil
}

func (l Line) toOthers(ctx context.Context, tx postgres.Tx, e email) (mails []email, err error) {
	recipients, err := l.recipients(ctx, tx, e)
	if err != nil {
		return nil, err
	}
	for i, t := range recipients {
		e.To, e.ToName, e.Rule, e.Contact, e.Person, e.Staff = t.Address, t.Name, t.rule, t.Contact, t.Person, t.Staff
		if i > 0 {
			e.MessageID = ""
		}
		mails = append(mails, e)
	}
	return mails, nil
}

// recipients are those whom the line's rules find now, each address once, in one
// round trip but for rules that count only when others have found nobody.
func (l Line) recipients(ctx context.Context, db postgres.DB, e email) (recipients []recipient, err error) {
	found := make([][]recipient, len(l.Rules))
	err = postgres.Read(ctx, db, func(b *postgres.Batch) {
		for i, r := range l.Rules {
			if !r.Otherwise {
				b.Add(r.find, e.args(), r.collect(&found[i]))
			}
		}
	})
	if err != nil {
		return nil, fmt.Errorf("read who is told: %w", err)
	}
	for i, r := range l.Rules {
		if r.Otherwise && len(recipients) == 0 {
			if found[i], err = r.recipients(ctx, db, e); err != nil {
				return nil, err
			}
		}
		for _, f := range found[i] {
			if !slices.ContainsFunc(recipients, func(r recipient) bool { return same(r.Address, f.Address) }) {
				recipients = append(recipients, f)
			}
		}
	}
	return recipients, nil
}

// recipients are those whom the rule finds now.
func (r Rule) recipients(ctx context.Context, db postgres.DB, e email) ([]recipient, error) {
	var found []recipient
	if err := postgres.Read(ctx, db, func(b *postgres.Batch) { b.Add(r.find, e.args(), r.collect(&found)) }); err != nil {
		return nil, fmt.Errorf("read who is told (%s): %w", r.Name, err)
	}
	return found, nil
}

// collect keeps those of the rule's rows that have an address.
func (r Rule) collect(into *[]recipient) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		found, err := pgx.CollectRows(rows, pgx.RowToStructByNameLax[recipient])
		for _, f := range found {
			if f.Address = strings.TrimSpace(f.Address); f.Address != "" {
				f.rule = r.Name
				*into = append(*into, f)
			}
		}
		return err
	}
}

// candidate is a contact who may have to be told of a record.
type candidate struct {
	Contact    int64
	Customer   int64
	Name       string
	Address    string
	Access     string
	Archived   bool
	Main       bool  // of the record
	Asked      bool  // for the record, in the portal
	Everything bool  // chose to be told of everything they may see
	Wanted     bool  // wants this kind of mail
	Phone      bool  // wants this kind of notification
	Person     int64 // who signs in as the contact; 0 for nobody, or by their company alone
	Links      bool  // emails open what they are about without signing in
	Today      day.Day
}

const candidates = `
	select * from (
		select c.id as contact, c.customer_id as customer, c.name, c.email as address, c.access, c.archived_at is not null or cu.archived_at is not null as archived,
			case when @drafted then c.id = @draft_contact
				else c.id in (select main_contact_id from jobs where id = @job and main_contact_id is not null union all select main_contact_id from quotes where id = @quote and main_contact_id is not null) end as main,
			coalesce(c.id in (select created_by_contact_id from jobs where id = @job union all select created_by_contact_id from quotes where id = @quote), false) as asked,
			coalesce((select m.wanted from mail_choices m where m.contact_id = c.id and m.kind = '` + everything + `'), false) as everything,
			coalesce((select m.wanted from mail_choices m where m.contact_id = c.id and m.kind = @kind), true) as wanted,
			coalesce((select m.wanted from push_choices m where m.contact_id = c.id and m.kind = @kind), @phone) as phone, case when ` + person.NotByCompanyAlone + ` then coalesce(c.person_id, 0) else 0 end as person,
			(select record_links from portal_settings) as links,
			(select business_day()) as today
		from contacts c join customers cu on cu.id = c.customer_id
		where `

// toCustomer are mails to the contacts whom the rules take, who want the mail
// and may see what it tells of. What the main contact does not get is kept as
// dropped, so that the office finds out.
func (l Line) toCustomer(ctx context.Context, tx postgres.Tx, e email) (mails []email, err error) {
	tellings, err := l.tellings(ctx, tx, e)
	if err != nil {
		return nil, err
	}
	for _, t := range tellings {
		if t.phone {
			mails = append(mails, l.toPhone(e, t))
		}
		if t.rule == "" || t.Why == Author || (!t.Email && !t.Main) {
			continue
		}
		m := e
		m.Rule, m.Contact, m.ToName, m.To = t.rule, t.Contact, t.Name, t.Address
		if m.reason = t.Why; !t.Email {
			m.dropped = t.Why.words(l.thing())
		}
		if m.gathers != "" {
			m.gathers += fmt.Sprintf(" contact %d", t.Contact)
		}
		if m.gathers != "" && !m.visit {
			m.Payload.Files = t.seen
		}
		if m.dropped != "" {
			m.gathers, m.Payload.Files = "", e.Payload.Files
		}
		mails = append(mails, m)
	}
	return mails, nil
}

// takesAll reports whether one of the line's rules takes whoever sees what it tells of.
func (l Line) takesAll() bool {
	return slices.ContainsFunc(l.Rules, func(r Rule) bool { return r.takes != nil && r.takes(candidate{}) })
}

// rule is the first of the line that takes the candidate.
func (c candidate) rule(l Line) string {
	for _, r := range l.Rules {
		if r.takes(c) {
			return r.Name
		}
	}
	return ""
}

// reasonAgainst says why the contact must not get a mail to this address, or nothing.
func (c candidate) reasonAgainst(e email) string {
	switch out := c.shutOut(e); {
	case out != "":
		return out.words("")
	case !same(c.Address, e.To):
		return "the contact has another email address now"
	}
	return ""
}

// thing is what the mail tells of, which the contact must be able to see.
func (l Line) thing() string {
	switch l.visible {
	case visibleJob:
		return "job"
	case visibleQuote:
		return "quote"
	case visibleMessage:
		return "message"
	case visibleDocument:
		return "document"
	}
	return "files"
}

// visibleEach is of how many contacts is asked at once what they may see: what
// nobody waits for takes a moment for each, and a customer may have hundreds.
const visibleEach = 20

// visible are the ids of what the mail tells of, of those that each candidate
// may see, in one round trip for so many of them. The plan is made for whoever comes
// first: nothing in it may gather all that a customer has, which for most is little.
func visible(ctx context.Context, tx postgres.Tx, l Line, e email, found []candidate) ([][]int64, error) {
	seen, contacts := make([][]int64, len(found)), make([]views.Contact, len(found))
	for i, c := range found {
		contacts[i] = c.eyes(e)
	}
	for from := 0; from < len(contacts); from += visibleEach {
		some := contacts[from:min(from+visibleEach, len(contacts))]
		err := views.ReadEach(ctx, tx, some, func(b *postgres.Batch, i int) {
			if i == 0 {
				views.KeepOrder(b)
			}
			postgres.QueryValues(b, &seen[from+i], l.visible, e.args())
		})
		if err != nil {
			return nil, fmt.Errorf("ask what contacts may see: %w", err)
		}
	}
	return seen, nil
}

// eyes are those that the portal's views are read with. The views are the rule
// of who sees what; it is not repeated here. Who cannot sign in sees what the
// link in the email shows.
func (c candidate) eyes(e email) views.Contact {
	eyes := views.Contact{ID: c.Contact, Customer: c.Customer}
	if c.byLink(e) {
		eyes.Job, eyes.Quote = e.record()
	}
	return eyes
}

// byLink reports whether the contact, who cannot sign in, sees the record that a
// mail is about by its link: staff made them its main contact.
func (c candidate) byLink(e email) bool {
	job, quote := e.record()
	ofRecord := job+quote != 0 || e.draft != nil // of one that is not saved yet
	return c.Links && !c.Archived && c.Main && c.Address != "" && (c.Access == "none" || c.Access == "invited") && ofRecord
}

// record is the one job or quote that the mail is about.
func (e email) record() (job, quote int64) {
	if e.Job != 0 {
		return e.Job, 0
	}
	return 0, e.Quote
}

// recheck asks again, when a mail is about to go out, whether its recipient is
// one whom the line's rules find; a dropped says why not. For contacts it
// returns what is known of them.
func (l Line) recheck(ctx context.Context, db postgres.DB, e email) (candidate, error) {
	switch l.Audience {
	case Customer:
		rows, err := db.Query(ctx, candidates+`c.id = @contact) found`, e.args())
		if err != nil {
			return candidate{}, fmt.Errorf("read the recipient: %w", err)
		}
		c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[candidate])
		if err != nil {
			return candidate{}, fmt.Errorf("read the recipient: %w", err)
		}
		switch reason := c.reasonAgainst(e); {
		case c.shutOut(e) != "":
			return c, unreached{c.shutOut(e), ""}
		case reason != "":
			return c, dropped(reason)
		case c.rule(l) == "" && e.Rule == toMainContact.Name:
			return c, dropped("somebody else is the main contact now")
		case c.rule(l) == "":
			return c, dropped("the contact no longer wants emails about everything")
		case !c.Wanted:
			return c, unreached{Unwanted, ""}
		}
		return c, nil
	case Office:
		return candidate{}, l.recheckOffice(ctx, db, e)
	}
	return candidate{}, nil
}

func (l Line) recheckOffice(ctx context.Context, db postgres.DB, e email) error {
	if e.Staff != 0 {
		var address string
		var works bool
		err := db.QueryRow(ctx, `select email, state = 'active' and archived_at is null from staff where id = $1`, e.Staff).Scan(&address, &works)
		if err != nil {
			return fmt.Errorf("read the recipient: %w", err)
		}
		err = dropIf(nil, !works, "the member of staff no longer has access")
		return dropIf(err, !same(address, e.To), "the email address is another one now")
	}
	for _, r := range l.Rules {
		found, err := r.recipients(ctx, db, e)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(found, func(f recipient) bool { return same(f.Address, e.To) }) {
			return nil
		}
	}
	return dropped("the address is no longer on the list “" + e.Rule + "”")
}

func same(a, b string) bool { return strings.EqualFold(a, b) }
