package portal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/blob"
	"fieldgate/internal/contact"
	"fieldgate/internal/imaging"
	"fieldgate/internal/inbound"
	"fieldgate/internal/mail"
	"fieldgate/internal/message"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
)

// Replies says which emails are answers to ours.
type Replies struct {
	Address mail.ReplyAddress
	From    string   // whom our emails come from
	Trusted []string // the servers that are believed about who sent an email
	Counted func(outcome string)
}

// Why an email waits for staff, in words for them.
const (
	whyNoAddress = "It was not sent to an address for answers."
	whyForged    = "The address that it was sent to is not one of ours. It may have been guessed or cut short."
	whyTwo       = "It was sent to the addresses of several jobs or quotes."
	whySender    = "It does not come from the contact’s own address."
	whySenders   = "It names no sender, or several."
	whyUnproved  = "The mail server could not confirm that it comes from this sender."
	whyAccess    = "The contact has no access to the portal at the moment."
	whySight     = "The contact may not see this job or quote any more."
	whyTooMany   = "The contact has sent more than can be taken within an hour."
	whyEmpty     = "It says nothing new."
	whyRefused   = "It cannot be shown. An administrator can download and read it."
)

// What became of an email, for those who count.
const (
	tookAgain = "again" // it was taken before
	tookError = "error"
)

// errTaken ends the transaction of an email that was taken before.
var errTaken = errors.New("taken before")

// TakeEmail takes an email that has come, once, however often and whichever way
// it comes: what a contact answers from their own address to one of ours becomes
// a message on its record; what no person wrote is ignored, what a mail server
// reports marks the email that it is about; all else waits for staff. When it
// returns nil, the email is kept.
func (d *Service) TakeEmail(ctx context.Context, raw []byte, from inbound.Source) (err error) {
	outcome := tookError
	defer func() {
		if d.Replies.Counted != nil {
			d.Replies.Counted(outcome)
		}
	}()
	e := inbound.Parse(raw)
	if from.Size > int64(len(raw)) {
		e.Broken = "It is larger than 36 MB."
	}
	e.To = append(e.To, from.To...)
	known, err := inbound.Known(ctx, d.pool, e, from)
	if err != nil {
		return err
	}
	if known {
		outcome = tookAgain
		return nil
	}
	n := inbound.New{Email: e, Source: from, Raw: blob.NewKey(), RawSize: max(from.Size, int64(len(raw)))}
	taken := false
	defer func() {
		if !taken {
			d.store.Forget(ctx, err, n.Raw)
		}
	}()
	if err := d.store.Put(ctx, n.Raw, bytes.NewReader(raw), int64(len(raw)), imaging.EML.MIME); err != nil {
		return fmt.Errorf("keep an email: %w", err)
	}
	if err = d.sort(ctx, &n); errors.Is(err, errTaken) {
		outcome, err = tookAgain, nil
		return nil
	}
	if postgres.Unfit(err) { // which no further try would change
		n = inbound.New{Email: inbound.Email{Digest: e.Digest, Broken: whyRefused}, Source: from, Raw: n.Raw, RawSize: n.RawSize, State: inbound.Waiting, Reason: whyRefused}
		if err = d.writeDown(ctx, n); errors.Is(err, errTaken) {
			outcome, err = tookAgain, nil
			return nil
		}
	}
	if err != nil {
		return err
	}
	taken, outcome = true, string(n.State)
	return nil
}

// sort decides what becomes of an email, and writes it down.
func (d *Service) sort(ctx context.Context, n *inbound.New) error {
	if err := d.circles(ctx, &n.Email); err != nil {
		return err
	}
	blocked, err := inbound.Blocked(ctx, d.pool, n.From.Address)
	switch {
	case err != nil:
		return err
	case n.Report:
		return d.noteReport(ctx, n)
	case blocked:
		n.State, n.Reason = inbound.Ignored, inbound.SenderBlocked
		return d.writeDown(ctx, *n)
	case n.Automatic != "" && n.Broken == "":
		n.State, n.Reason = inbound.Ignored, n.Automatic
		return d.writeDown(ctx, *n)
	}
	why, err := d.answer(ctx, n)
	if err != nil || why == "" {
		return err
	}
	n.State, n.Reason = inbound.Waiting, why
	if _, err := inbound.Judge(n.Files); err != nil { // so that staff see what would be refused
		return err
	}
	if n.Customer == 0 {
		if n.About, err = inbound.Guess(ctx, d.pool, n.Email); err != nil {
			return err
		}
	}
	return d.writeDown(ctx, *n)
}

// circles marks emails of ours that came back: they would be answered for ever.
func (d *Service) circles(ctx context.Context, e *inbound.Email) error {
	if e.Report {
		return nil
	}
	_, _, ours, _ := d.Replies.Address.Open(e.From.Address)
	own, err := inbound.OwnMessage(ctx, d.pool, *e)
	if err != nil {
		return err
	}
	if own || ours || mail.Same(e.From.Address, d.Replies.From) {
		e.IsOurs()
	}
	return nil
}

func (d *Service) writeDown(ctx context.Context, n inbound.New) error {
	return postgres.Transact(ctx, d.pool, func(tx postgres.Tx) error {
		_, created, err := inbound.Create(ctx, tx, n)
		if err == nil && !created {
			err = errTaken
		}
		return err
	})
}

// noteReport marks the email that a mail server could not deliver.
func (d *Service) noteReport(ctx context.Context, n *inbound.New) error {
	n.State, n.Reason = inbound.Reported, "About none of our emails."
	return postgres.Transact(ctx, d.pool, func(tx postgres.Tx) error {
		for _, b := range n.Bounces {
			id, about, err := notify.Bounced(ctx, tx, b.Original, b.Words, b.Failed)
			switch {
			case err != nil:
				return err
			case id == 0:
			case b.Failed:
				n.Reported, n.Reason = id, "The email did not arrive: "+b.Words
				n.About = inbound.About{Customer: about.Customer, Contact: about.Contact}
			default:
				n.Reported, n.Reason = id, "The email is delayed: "+b.Words
			}
		}
		_, created, err := inbound.Create(ctx, tx, *n)
		if err == nil && !created {
			err = errTaken
		}
		return err
	})
}

// answer makes a message of an email that is a contact's answer to one of ours;
// else it says why it does not.
func (d *Service) answer(ctx context.Context, n *inbound.New) (why string, err error) {
	who, on, why := d.addressed(n.Email)
	if why != "" {
		return why, nil
	}
	v, address, err := d.replier(ctx, who)
	if errors.Is(err, apperr.NotFound) {
		return whyAccess, nil
	}
	if err != nil {
		return "", err
	}
	// Known from here on, so that staff need not look for it.
	seen, err := d.aboutFor(ctx, v, on)
	if err != nil {
		return "", err
	}
	n.About = seen
	switch {
	case n.Broken != "":
		return n.Broken, nil
	case n.Froms != 1:
		return whySenders, nil
	case !mail.Same(n.From.Address, address):
		return whySender, nil
	case len(d.Replies.Trusted) > 0 && !n.Authentic(d.Replies.Trusted):
		return whyUnproved, nil
	}
	if v.Person == 0 && !v.ByCompany { // without access to the portal: what the email's link shows may be answered
		v.Link = Link{Replies: true, Job: on.Job, Quote: on.Quote}
	}
	files, err := inbound.Judge(n.Files)
	if err != nil {
		return "", err
	}
	text, _ := n.Split()
	if text == "" && len(files) > 0 {
		text = "(Files without words)"
	}
	if text == "" {
		return whyEmpty, nil
	}
	err = d.keepAnswer(ctx, v, on, text, files, n)
	over := apperr.TooMany{}
	switch {
	case errors.Is(err, apperr.NotFound), errors.As(err, new(apperr.Forbidden)):
		return whySight, nil
	case errors.As(err, &over):
		return whyTooMany, nil
	}
	return "", err
}

// addressed is whom and what the address names that an email was sent to.
func (d *Service) addressed(e inbound.Email) (contact int64, on mail.Record, why string) {
	any := false
	for _, to := range e.To {
		who, what, ours, good := d.Replies.Address.Open(to)
		any = any || ours
		switch {
		case !good:
		case contact == 0:
			contact, on = who, what
		case contact != who || on != what:
			return 0, mail.Record{}, whyTwo
		}
	}
	switch {
	case contact != 0:
		return contact, on, ""
	case any:
		return 0, on, whyForged
	}
	return 0, on, whyNoAddress
}

// replier is the contact who answers by email, and the address that their emails
// go to: a Viewer without a session.
func (d *Service) replier(ctx context.Context, who int64) (v Viewer, address string, err error) {
	b := &v.Business
	err = d.pool.QueryRow(ctx, `
		select c.id, c.name, c.email, case when c.access = 'active' then coalesce(c.person_id, 0) else 0 end, c.access = 'active' and c.person_id is null, `+contact.PermissionColumns("c")+`,
			cu.id, coalesce(nullif(cu.company_name, ''), cu.name), cu.number, cu.on_hold, co.trading_name, co.phone
		from contacts c join customers cu on cu.id = c.customer_id and cu.archived_at is null cross join (select * from company limit 1) co
		where c.id = @contact and c.archived_at is null`, pgx.NamedArgs{"contact": who},
	).Scan(slices.Concat([]any{&v.Contact, &v.Name, &address, &v.Person, &v.ByCompany}, contact.ScanPermissions(&v.Permissions),
		[]any{&v.Customer, &v.CustomerName, &v.CustomerNo, &v.OnHold, &b.Name, &b.Phone})...)
	if errors.Is(err, pgx.ErrNoRows) {
		return v, "", apperr.NotFound
	}
	if err != nil {
		return v, "", fmt.Errorf("find who answers: %w", err)
	}
	return v, address, nil
}

// aboutFor is what an email is about, if it is still the contact's customer's.
func (d *Service) aboutFor(ctx context.Context, v Viewer, on mail.Record) (a inbound.About, err error) {
	err = d.pool.QueryRow(ctx, `
		select coalesce((select id from jobs where id = @job and customer_id = @customer), 0), coalesce((select id from quotes where id = @quote and customer_id = @customer), 0)`,
		pgx.NamedArgs{"job": on.Job, "quote": on.Quote, "customer": v.Customer}).Scan(&a.Job, &a.Quote)
	if err != nil {
		return a, fmt.Errorf("find what an email is about: %w", err)
	}
	a.Customer, a.Contact = v.Customer, v.Contact
	return a, nil
}

// keepAnswer writes the message, its files and what the email became, and tells
// the others: all of it or nothing.
func (d *Service) keepAnswer(ctx context.Context, v Viewer, on mail.Record, text string, files []attachment.Incoming, n *inbound.New) error {
	may, find := Viewer.SeesJobs, conversed(func(b *postgres.Batch, to *message.On) {
		to.Job = on.Job
		postgres.QueryValue(b, &to.Number, `select number from portal.seen_jobs where id = @id and portal.one(id, @id)`, pgx.NamedArgs{"id": on.Job})
	})
	if on.Quote != 0 {
		may, find = Viewer.SeesQuotes, func(b *postgres.Batch, to *message.On) {
			to.Quote = on.Quote
			postgres.QueryValue(b, &to.Number, `select number from portal.seen_quotes where id = @id and portal.one(id, @id)`, pgx.NamedArgs{"id": on.Quote})
		}
	}
	files, err := d.fitting(ctx, v, files, n.Files)
	if err != nil {
		return err
	}
	return attachment.Storing(ctx, d.store, files, func(stored []attachment.Stored) error {
		return d.transact(ctx, v, may, func(tx postgres.Tx, now Viewer) error {
			on, err := find.writable(ctx, tx, now)
			if err != nil {
				return err
			}
			written, _, err := message.Create(ctx, tx, now.Actor(), message.New{On: on, Text: text, ByEmail: true})
			if err != nil {
				return err
			}
			down := *n
			down.State, down.Written = inbound.AsMessage, written.ID
			if _, created, err := inbound.Create(ctx, tx, down); err != nil || !created {
				return orElse(err, errTaken)
			}
			if err := d.keep(ctx, tx, now, attachment.On{Message: written.ID}, stored); err != nil {
				return err
			}
			n.State = inbound.AsMessage
			return d.notify.MessageWritten(ctx, tx, written.ID)
		})
	})
}

func orElse(err, other error) error {
	if err != nil {
		return err
	}
	return other
}

// fitting are the files for which there is room now; of the others it is noted
// that there is none.
func (d *Service) fitting(ctx context.Context, v Viewer, files []attachment.Incoming, all []inbound.File) (fit []attachment.Incoming, err error) {
	if len(files) == 0 {
		return nil, nil
	}
	left, err := room(ctx, d.pool, v)
	if err != nil {
		return nil, err
	}
	var bytes int64
	for _, f := range files {
		if left.Fits(len(fit)+1, bytes+f.Size) == nil {
			fit, bytes = append(fit, f), bytes+f.Size
			continue
		}
		for i := range all {
			if all[i].Name == f.Name && all[i].Refused == "" && int64(len(all[i].Data)) == f.Size {
				all[i].Refused = "“" + strings.TrimSpace(f.Name) + "” is more than this customer can send now. It is in the email as it came."
				break
			}
		}
	}
	return fit, nil
}
