package notify

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/job"
	"fieldgate/internal/postgres"
	"fieldgate/internal/quote"
	"fieldgate/internal/signin"
	"fieldgate/internal/webhook"
)

// dropped says why a mail should not go out any more. It is no failure.
type dropped string

func (d dropped) Error() string { return string(d) }

// unreached is a dropped mail whose contact was not to be reached when it was due.
type unreached struct {
	Reason
	thing string
}

func (u unreached) Error() string { return u.words(u.thing) }

// As lets it be taken for a dropped mail, which it is.
func (u unreached) As(target any) bool {
	d, ok := target.(*dropped)
	if ok {
		*d = dropped(u.Error())
	}
	return ok
}

func isDropped(err error) bool {
	_, is := errors.AsType[dropped](err)
	return is
}

// facts reads what a mail tells, as it is now; a dropped error says that there
// is nothing to tell any more. Tokens and passwords are not filled in. Mails to
// the customer are read through the portal's views, in the contact's name and
// with no other right, so that they cannot tell what the contact may not see.
type facts func(ctx context.Context, db postgres.DB, e email, to candidate) (any, error)

func welcomeFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	c, err := one[struct {
		Contact, Customer, Email, Access string
		Archived, MustChange, Known      bool
	}](ctx, db, `
		select c.name as contact, cu.name as customer, c.email, c.access, c.archived_at is not null or cu.archived_at is not null as archived,
			coalesce(p.must_change_password, false) as must_change,
			exists (select from persons o where lower(o.email) = lower(c.email) and not o.must_change_password) as known
		from contacts c
		join customers cu on cu.id = c.customer_id
		left join persons p on p.id = c.person_id
		where c.id = @about`, e)
	if err == nil && c.Access != "invited" {
		reason := candidate{Access: c.Access, Archived: c.Archived, Address: c.Email}.reasonAgainst(e)
		err = dropIf(nil, reason != "", reason)
	}
	err = dropIf(err, c.Archived, "the contact or the customer was archived")
	err = dropIf(err, !same(c.Email, e.To), "the contact has another email address now")
	err = dropIf(err, e.Secret != nil && !c.MustChange, "the contact has already chosen a password")
	return Invitation{Contact: c.Contact, Customer: c.Customer, Email: e.To, Known: c.Known && e.Link != 0}, err
}

func accessFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	return one[AccessNotice](ctx, db, `
		select @what::text as what, coalesce(s.name, m.name, '') as by, s.id is null and m.id is not null as managed,
			c.name as contact, c.email, cu.name as customer, cu.number as customer_number
		from contacts c join customers cu on cu.id = c.customer_id left join staff s on s.id = @by_staff left join contacts m on m.id = @by_contact
		where c.id = @about`, e)
}

func jobFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	n, err := one[JobNotice](ctx, db, `
		select j.number, j.name, j.description, t.name as type, cu.name as customer, cu.number as customer_number, coalesce(s.name, '') as site,
			coalesce(c.name, '') as contact, coalesce(nullif(c.mobile, ''), c.phone, '') as contact_phone, coalesce(c.email, '') as contact_email,
			j.purchase_order, j.preferred_on, j.origin = 'portal' as from_portal, j.created_at, j.status
		from jobs j
		join job_types t on t.id = j.job_type_id
		join customers cu on cu.id = j.customer_id
		left join sites s on s.id = j.site_id
		left join contacts c on c.id = j.main_contact_id
		where j.id = @job`, e)
	return n, dropIf(err, n.Status == "cancelled", "the job was cancelled")
}

func quoteFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	n, err := one[QuoteNotice](ctx, db, `
		select q.number, q.name, q.description, coalesce(t.name, '') as type, cu.name as customer, cu.number as customer_number, coalesce(s.name, '') as site,
			coalesce(c.name, '') as contact, coalesce(nullif(c.mobile, ''), c.phone, '') as contact_phone, coalesce(c.email, '') as contact_email,
			q.purchase_order, q.preferred_on, q.price_estimate as estimate, q.currency, q.created_at, q.status
		from quotes q
		join customers cu on cu.id = q.customer_id
		left join job_types t on t.id = q.job_type_id
		left join sites s on s.id = q.site_id
		left join contacts c on c.id = q.main_contact_id
		where q.id = @quote`, e)
	return n, dropIf(err, n.Status == quote.Withdrawn, "the quote was withdrawn")
}

func decisionFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	return one[QuoteDecision](ctx, db, `
		select q.number, v.name, v.description, a.decision, a.full_name as by, a.way, coalesce(st.name, (select 'API: ' || t.name from tokens t where t.id = a.recorded_by_token_id), '') as recorded_by, a.reason, coalesce(nullif(a.purchase_order, ''), q.purchase_order) as purchase_order,
			cu.name as customer, cu.number as customer_number, v.total, q.currency, a.at, v.number as version
		from quotes q
		join quote_versions v on v.quote_id = q.id and v.number = @version
		join acceptances a on a.version_id = v.id
		left join staff st on st.id = a.recorded_by_id
		join customers cu on cu.id = q.customer_id
		where q.id = @quote`, e)
}

func equipmentFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	return one[EquipmentNotice](ctx, db, `
		select q.public_id, q.number, q.name, q.type, cu.name as customer, cu.number as customer_number, coalesce(s.name, '') as site,
			q.location, q.make, q.model, q.serial_number, coalesce(c.name, st.name, '') as by
		from equipment q
		join customers cu on cu.id = q.customer_id
		left join sites s on s.id = q.site_id
		left join contacts c on c.id = q.created_by_contact_id
		left join staff st on st.id = q.created_by_staff_id
		where q.id = @equipment`, e)
}

func detailsFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	n, err := one[DetailsNotice](ctx, db, `
		select cu.name as customer, cu.number as customer_number, coalesce(c.name, '') as contact, null::text[] as changes
		from customers cu left join contacts c on c.id = @about where cu.id = @customer`, e)
	n.Changes = e.Payload.Changes
	return n, err
}

func officeMessageFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	n, err := one[MessageNotice](ctx, db, `
		select coalesce(c.name, '') as author, m.text, coalesce(j.number, '') as job, coalesce(q.number, '') as quote,
			coalesce(nullif(j.name, ''), j.description, nullif(q.name, ''), q.description) as title, cu.name as customer, cu.number as customer_number, m.at,
			(select count(*) from attachments a where a.message_id = m.id and a.removed_at is null) as files
		from messages m
		join customers cu on cu.id = m.customer_id
		left join contacts c on c.id = m.contact_id
		left join jobs j on j.id = m.job_id
		left join quotes q on q.id = m.quote_id
		where m.id = @message`, e)
	if err != nil {
		return n, err
	}
	n.ToOffice = true
	n.Pictures, err = readPictures(ctx, db, "attachments", ofMessage+` and a.removed_at is null`, e)
	return n, err
}

func messageFacts(ctx context.Context, db postgres.DB, e email, to candidate) (any, error) {
	n, err := one[MessageNotice](ctx, db, `
		select m.author, m.from_office, m.text, coalesce(j.number, '') as job, coalesce(q.number, '') as quote,
			coalesce(nullif(j.name, ''), j.description, nullif(q.name, ''), q.description) as title, m.at,
			(select count(*) from portal.attachments a where a.message_id = m.id) as files
		from portal.messages m
		left join portal.seen_jobs j on j.id = m.job_id
		left join portal.quotes q on q.id = m.quote_id
		where m.id = @message and portal.one(m.id, @message)`, e)
	if err != nil {
		return n, err
	}
	n.Contact = to.Name
	n.Pictures, err = readPictures(ctx, db, "portal.attachments", ofMessage, e)
	return n, err
}

func bookedFacts(ctx context.Context, db postgres.DB, e email, to candidate) (any, error) {
	j, err := one[struct {
		JobVisit
		Status string
	}](ctx, db, `
		select j.number, j.name, j.description, coalesce(t.name, '') as type, coalesce(s.name, '') as site, coalesce(s.address, '{}') as address,
			j.booked_from as from, j.booked_until as until, j.version, array(select st.name from portal.job_staff st where st.job_id = j.id order by st.name) as staff, j.status
		from portal.jobs j
		left join portal.sites s on s.id = j.site_id
		left join portal.job_types t on t.id = j.job_type_id
		where j.id = @job and portal.one(j.id, @job)`, e)
	err = dropIf(err, j.Status == "cancelled", "the job was cancelled")
	err = dropIf(err, j.Status == "completed" || j.Status == "closed", "the job is completed already")
	err = dropIf(err, j.From == nil || j.Status == "unscheduled" || j.Status == "deferred", "the job is no longer booked")
	err = dropIf(err, err == nil && e.Payload.Booked != nil && !j.From.Equal(*e.Payload.Booked), "the job was booked for another time since")
	if was := e.Payload.Was; was != nil && err == nil {
		err = dropIf(err, was.Is == expected && was.booking().Same(job.Booking{From: j.From, Until: j.Until}), "it is as it was before")
	}
	j.Contact, j.Moved = to.Name, e.Payload.What == "moved"
	return j.JobVisit, err
}

func completedFacts(ctx context.Context, db postgres.DB, e email, to candidate) (any, error) {
	j, err := one[struct {
		JobReport
		Status string
	}](ctx, db, `
		select j.number, j.name, j.description, coalesce(s.name, '') as site, j.work_undertaken as work, j.time_logged as hours, j.completed_at, j.status,
			exists (select from portal.attachments a where a.job_id = j.id and a.kind = 'photo') as has_photos
		from portal.jobs j left join portal.sites s on s.id = j.site_id
		where j.id = @job and portal.one(j.id, @job)`, e)
	err = dropIf(err, j.Status != "completed" && j.Status != "closed", "the job is no longer completed")
	if err != nil {
		return j.JobReport, err
	}
	j.Contact = to.Name
	j.Pictures, err = readPictures(ctx, db, "portal.attachments", ofJob, e)
	return j.JobReport, err
}

func sharedFacts(ctx context.Context, db postgres.DB, e email, to candidate) (any, error) {
	n, err := one[SharedFiles](ctx, db, `
		select coalesce(j.number, '') as job, coalesce(q.number, '') as quote, coalesce(eq.public_id, '') as equipment,
			coalesce(nullif(j.name, ''), j.description, nullif(q.name, ''), q.description, eq.name, '') as title
		from (select 1) one
		left join portal.seen_jobs j on j.id = @job and portal.one(j.id, @job)
		left join portal.quotes q on q.id = @quote and portal.one(q.id, @quote)
		left join portal.equipment eq on eq.id = @equipment and portal.one(eq.id, @equipment)`, e)
	if err != nil {
		return nil, err
	}
	rows, err := db.Query(ctx, `select name, caption, kind = 'photo' as photo, kind = 'video' as video from portal.attachments where id = any(@files) and state <> 'broken' order by uploaded_at, id`, e.args())
	if err != nil {
		return nil, fmt.Errorf("read the files: %w", err)
	}
	if n.Files, err = pgx.CollectRows(rows, pgx.RowToStructByName[SharedFile]); err != nil {
		return nil, fmt.Errorf("read the files: %w", err)
	}
	n.Contact = to.Name
	if n.Pictures, err = readPictures(ctx, db, "portal.attachments", ofFiles, e); err != nil {
		return nil, err
	}
	return n, dropIf(nil, len(n.Files) == 0, "the files were hidden again")
}

const pricedColumns = `q.number, q.name, q.description, coalesce(s.name, '') as site, coalesce(q.total, 0) as total, coalesce(q.tax, 0) as tax, q.currency, q.valid_until,
	q.status, coalesce(q.version_number, 0) as sent`

type pricedRow struct {
	PricedQuote
	Status quote.Status
	Sent   int
}

func readPriced(ctx context.Context, db postgres.DB, e email, to candidate) (pricedRow, error) {
	q, err := one[pricedRow](ctx, db, `select `+pricedColumns+` from portal.quotes q left join portal.sites s on s.id = q.site_id where q.id = @quote and portal.one(q.id, @quote)`, e)
	q.Contact, q.Today = to.Name, to.Today
	return q, dropIf(err, q.Status == quote.Withdrawn, "the quote was withdrawn")
}

func pricedFacts(ctx context.Context, db postgres.DB, e email, to candidate) (any, error) {
	q, err := readPriced(ctx, db, e, to)
	err = dropIf(err, q.Sent != e.Payload.Version, "a newer version of the quote was sent")
	err = dropIf(err, q.Status == quote.Accepted || q.Status == quote.Declined, "the quote has been answered")
	return q.PricedQuote, dropIf(err, err == nil && !q.ValidUntil.IsZero() && q.ValidUntil.Before(to.Today), "the quote has expired")
}

func expiringFacts(ctx context.Context, db postgres.DB, e email, to candidate) (any, error) {
	content, err := pricedFacts(ctx, db, e, to)
	q, _ := content.(PricedQuote)
	q.Expiring = true
	return q, err
}

func answeredFacts(ctx context.Context, db postgres.DB, e email, to candidate) (any, error) {
	q, err := readPriced(ctx, db, e, to)
	if err != nil {
		return nil, err
	}
	a, err := one[AnsweredQuote](ctx, db, `select decision, full_name as by, reason, way, recorded_by, at from portal.quote_answers where quote_id = @quote and version = @version`, e)
	a.PricedQuote = q.PricedQuote
	return a, err
}

func codeFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	n, err := one[struct {
		Code
		Open bool
	}](ctx, db, `
		select '' as digits, email, about, purpose = 'sign-in' as signs_in, used_at is null and ended_at is null and expires_at > now() as open
		from codes where id = @code`, e)
	return n.Code, dropIf(err, !n.Open, "the code was used, replaced, or has expired")
}

func factorFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	address, err := e.person(ctx, db)
	return FactorNotice{What: signin.FactorEvent(e.Payload.What), Left: e.Payload.Version, Email: address, At: e.CreatedAt}, err
}

func staffFactorFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	n, err := one[FactorNotice](ctx, db, `select name, email from staff where id = @staff`, e)
	n.What, n.Left, n.At, n.Staff = signin.FactorEvent(e.Payload.What), e.Payload.Version, e.CreatedAt, true
	return n, err
}

func linkFacts(ctx context.Context, db postgres.DB, e email, to candidate) (any, error) {
	n, err := one[FreshLink](ctx, db, `
		select false as quote, number, name, description from portal.seen_jobs where id = @job and portal.one(id, @job)
		union all select true, number, name, description from portal.quotes where id = @quote and portal.one(id, @quote)`, e)
	n.Contact = to.Name
	return n, err
}

func resetFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	_, err := e.person(ctx, db)
	return Reset{Email: e.To}, err
}

// person reads the sign-in address of whom the mail goes to; dropped if it is
// another one than the mail was meant for.
func (e email) person(ctx context.Context, db postgres.DB) (address string, err error) {
	if err := db.QueryRow(ctx, `select email from persons where id = $1`, e.Person).Scan(&address); err != nil {
		return "", fmt.Errorf("read the person: %w", err)
	}
	return address, dropIf(nil, !same(address, e.To), "the sign-in address is another one now")
}

// A warning goes to the address of then, whatever it is now.
func passwordFacts(_ context.Context, _ postgres.DB, e email, _ candidate) (any, error) {
	return PasswordNotice{Email: e.To, At: e.CreatedAt}, nil
}

func signInFacts(_ context.Context, _ postgres.DB, e email, _ candidate) (any, error) {
	return SignInNotice{Email: e.To, Where: e.Payload.Where, At: e.CreatedAt}, nil
}

func passkeyFacts(_ context.Context, _ postgres.DB, e email, _ candidate) (any, error) {
	return PasskeyNotice{Email: e.To, Did: signin.PasskeyChange(e.Payload.What), Passkey: e.Payload.Name, At: e.CreatedAt}, nil
}

func staffPasskeyFacts(_ context.Context, _ postgres.DB, e email, _ candidate) (any, error) {
	return PasskeyNotice{Email: e.To, Did: signin.PasskeyChange(e.Payload.What), Passkey: e.Payload.Name, At: e.CreatedAt, Staff: true}, nil
}

func webhookOffFacts(_ context.Context, _ postgres.DB, e email, _ candidate) (any, error) {
	return WebhookOff{At: e.CreatedAt, Name: e.Payload.Name, Host: e.Payload.Where, Gone: e.Payload.What == webhook.OffGone}, nil
}

func fileDroppedFacts(_ context.Context, _ postgres.DB, e email, _ candidate) (any, error) {
	return FileDropped{Name: e.Payload.Name, Lines: strings.Split(e.Payload.Reason, "\n"), Refused: e.Payload.What == dropRefused}, nil
}

// failedSignInsFacts are the failures of the hour up to the mail, as they are
// known now: more may have come since.
func failedSignInsFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	n := FailedSignIns{At: e.CreatedAt}
	rows, err := db.Query(ctx, `
		select coalesce(host(address), '') as address, sum(times)::integer as tries, count(distinct account)::integer as accounts
		from attempts where kind = 'sign-in' and outcome in ('wrong', 'refused') and last_at > $1::timestamptz - interval '1 hour'
		group by address order by sum(times) desc, address`, e.CreatedAt)
	if err != nil {
		return nil, fmt.Errorf("read failed sign-ins: %w", err)
	}
	from, err := pgx.CollectRows(rows, pgx.RowToStructByName[FailedSource])
	if err != nil {
		return nil, fmt.Errorf("read failed sign-ins: %w", err)
	}
	for _, f := range from {
		n.Tries += f.Tries
	}
	n.Addresses = len(from)
	n.From = from[:min(len(from), 5)]
	err = db.QueryRow(ctx, `
		select coalesce(array_agg(email order by email), '{}') from (
			select distinct email from attempts where kind = 'sign-in' and outcome in ('wrong', 'refused') and email <> '' and last_at > $1::timestamptz - interval '1 hour'
			order by email limit 11) known`, e.CreatedAt).Scan(&n.Known)
	if err != nil {
		return nil, fmt.Errorf("read failed sign-ins: %w", err)
	}
	return n, nil
}

func confirmFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	var old string
	if err := db.QueryRow(ctx, `select email from persons where id = $1`, e.Person).Scan(&old); err != nil {
		return nil, fmt.Errorf("read the person: %w", err)
	}
	return AddressConfirm{Old: old, New: e.To}, nil
}

func addressFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	n := AddressNotice{Old: e.Payload.Old, ToOld: e.Rule == toOldAddress.Name, At: e.CreatedAt}
	if err := db.QueryRow(ctx, `select email from persons where id = $1`, e.Person).Scan(&n.New); err != nil {
		return nil, fmt.Errorf("read the person: %w", err)
	}
	return n, nil
}

func staffFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	var name, address, state string
	var archived bool
	err := db.QueryRow(ctx, `select name, email, state, archived_at is not null from staff where id = $1`, e.Staff).Scan(&name, &address, &state, &archived)
	err = dropIf(err, archived || state == "suspended", "the member of staff no longer has access")
	err = dropIf(err, !same(address, e.To), "the email address is another one now")
	return StaffLink{Name: name, Email: e.To, Reset: e.Kind == KindStaffReset}, err
}

func staffPasswordFacts(_ context.Context, _ postgres.DB, e email, _ candidate) (any, error) {
	return StaffPasswordNotice{Name: e.ToName, Email: e.To, At: e.CreatedAt}, nil
}

func confirmStaffFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	var old string
	if err := db.QueryRow(ctx, `select email from staff where id = $1`, e.Staff).Scan(&old); err != nil {
		return nil, fmt.Errorf("read the member of staff: %w", err)
	}
	return AddressConfirm{Old: old, New: e.To, Staff: true}, nil
}

func staffAddressFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	n := AddressNotice{Old: e.Payload.Old, ToOld: e.Rule == toOldAddress.Name, At: e.CreatedAt, Staff: true}
	if err := db.QueryRow(ctx, `select email from staff where id = $1`, e.Staff).Scan(&n.New); err != nil {
		return nil, fmt.Errorf("read the member of staff: %w", err)
	}
	return n, nil
}

func staffRoleFacts(_ context.Context, _ postgres.DB, e email, _ candidate) (any, error) {
	return StaffRoleNotice{Name: e.ToName, Email: e.To, Role: e.Payload.What, By: e.Payload.Name, At: e.CreatedAt}, nil
}

func staffSignInFacts(_ context.Context, _ postgres.DB, e email, _ candidate) (any, error) {
	return SignInNotice{Email: e.To, Where: e.Payload.Where, At: e.CreatedAt, Staff: true}, nil
}

func contactAddressFacts(ctx context.Context, db postgres.DB, e email, _ candidate) (any, error) {
	n, err := one[ContactAddressNotice](ctx, db, `
		select c.name as contact, cu.name as customer from contacts c join customers cu on cu.id = c.customer_id where c.id = @about`, e)
	n.Email, n.At = e.To, e.CreatedAt
	return n, err
}

// dropIf is err, or the reason to drop the mail.
func dropIf(err error, drop bool, reason string) error {
	if err == nil && drop {
		return dropped(reason)
	}
	return err
}

// one reads the row that sql finds for the mail.
func one[T any](ctx context.Context, db postgres.DB, sql string, e email) (T, error) {
	var none T
	rows, err := db.Query(ctx, sql, e.args())
	if err != nil {
		return none, fmt.Errorf("read the facts of %s: %w", e.Kind, err)
	}
	v, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByNameLax[T])
	if errors.Is(err, pgx.ErrNoRows) {
		return none, dropped("what it tells of is gone")
	}
	if err != nil {
		return none, fmt.Errorf("read the facts of %s: %w", e.Kind, err)
	}
	return v, nil
}
