package portal

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"fieldgate/internal/apperr"
	"fieldgate/internal/attachment"
	"fieldgate/internal/calendar"
	"fieldgate/internal/contact"
	"fieldgate/internal/keeper"
	"fieldgate/internal/notify"
	"fieldgate/internal/postgres"
	"fieldgate/internal/queue"
	"fieldgate/internal/storage"
)

// Service takes what contacts ask for. It looks through the Reader first, so that
// what is not seen cannot be acted on; then it asks for the permission again,
// in the transaction that writes.
type Service struct {
	// Replies says which emails are taken as contacts' answers.
	Replies   Replies
	Calendars calendar.Feeds

	pool   *pgxpool.Pool
	reader *Reader
	notify *notify.Notifier
	store  *storage.Store
	queue  *queue.Client
}

// NewService is a Service on the program's pool.
func NewService(pool *pgxpool.Pool, reader *Reader, notifier *notify.Notifier, store *storage.Store, q *queue.Client) *Service {
	return &Service{pool: pool, reader: reader, notify: notifier, store: store, queue: q}
}

var errPreview = apperr.Forbidden{Words: "This is a preview: nothing is saved or sent."}

// transact runs do in a transaction in which the contact still has the
// permission that may asks for. The contact's row is locked: a change of
// permissions or a suspension comes wholly before or wholly after. In a preview
// nothing is done.
func (d *Service) transact(ctx context.Context, v Viewer, may func(Viewer) bool, do func(postgres.Tx, Viewer) error) error {
	return d.transactAfter(ctx, v, func(postgres.Tx) error { return nil }, may, do)
}

// transactAfter is transact for what needs other rows locked before the contact's.
func (d *Service) transactAfter(ctx context.Context, v Viewer, first func(postgres.Tx) error, may func(Viewer) bool, do func(postgres.Tx, Viewer) error) error {
	if v.Previewing() {
		return errPreview
	}
	return postgres.TransactByIDs(ctx, d.pool, func(tx postgres.Tx) error {
		if err := first(tx); err != nil {
			return err
		}
		now, err := v.current(ctx, tx, may, actingLocks)
		if err != nil {
			return err
		}
		return do(tx, now)
	})
}

// actingLocks are held by whoever acts. A contact acts once at a time; the
// customer's row is only kept from going away, since many contacts act for it and
// some change it.
const actingLocks = "for no key update of c for key share of cu"

// transactRequest is transact for a new job or quote, of which there may be only
// so many in an hour: how many there are is read with the permissions.
func (d *Service) transactRequest(ctx context.Context, v Viewer, may func(Viewer) bool, do func(postgres.Tx, Viewer) error) error {
	if v.Linked() { // who may ask for nothing new, and is told so
		return d.transact(ctx, v, may, do)
	}
	if v.Previewing() {
		return errPreview
	}
	return postgres.TransactByIDs(ctx, d.pool, func(tx postgres.Tx) error {
		var (
			now  standing
			sent hourly
		)
		err := postgres.Read(ctx, tx, func(b *postgres.Batch) {
			v.queryStanding(b, &now, actingLocks)
			queryRequests(b, &sent, v)
		})
		v, err := now.viewer(may, err)
		if err != nil {
			return err
		}
		if err := v.checkRequests(sent); err != nil {
			return err
		}
		return do(tx, v)
	})
}

// ask answers, before anything is read of a form that may bring files, whether
// it could be taken, and how much may come with it. Nothing is locked: who
// waits for an answer holds up nobody. The deed asks again.
func (d *Service) ask(ctx context.Context, v Viewer, may func(Viewer) bool, check func(context.Context, postgres.Tx, Viewer) error) (left attachment.Room, err error) {
	if v.Previewing() {
		return nil, errPreview
	}
	err = postgres.Transact(ctx, d.pool, func(tx postgres.Tx) error {
		now, err := v.current(ctx, tx, may, "")
		if err != nil {
			return err
		}
		if left, err = room(ctx, tx, now); err != nil {
			return err
		}
		return check(ctx, tx, now)
	})
	return left, err
}

// askRequest is ask for a new job or quote, in one round trip.
func (d *Service) askRequest(ctx context.Context, v Viewer, may func(Viewer) bool) (attachment.Room, error) {
	if v.Previewing() {
		return nil, errPreview
	}
	if v.Linked() { // who may ask for nothing
		return d.ask(ctx, v, may, checkRequest)
	}
	if err := postgres.Refused(ctx); err != nil {
		return nil, err
	}
	var (
		now   standing
		files sentFiles
		sent  hourly
	)
	err := postgres.Read(ctx, d.pool, func(b *postgres.Batch) {
		v.queryStanding(b, &now, "")
		querySentFiles(b, &files, v)
		queryRequests(b, &sent, v)
	})
	if v, err = now.viewer(may, err); err != nil {
		return nil, err
	}
	return files.room(v), v.checkRequests(sent)
}

// takesFiles finds what files are to be added to, or says why none can be.
type takesFiles func(context.Context, postgres.Tx, Viewer) (attachment.On, error)

// askFiles is ask for files alone: without room for one, nothing need be sent.
func (d *Service) askFiles(ctx context.Context, v Viewer, may func(Viewer) bool, find takesFiles) (attachment.Room, error) {
	left, err := d.ask(ctx, v, may, func(ctx context.Context, tx postgres.Tx, now Viewer) error {
		_, err := find(ctx, tx, now)
		return err
	})
	if err != nil {
		return nil, err
	}
	return left, left.Fits(1, 1)
}

// addFiles adds files to something that is there already.
func (d *Service) addFiles(ctx context.Context, v Viewer, may func(Viewer) bool, files []attachment.Incoming, find takesFiles) error {
	return attachment.Storing(ctx, d.store, files, func(stored []attachment.Stored) error {
		return d.transact(ctx, v, may, func(tx postgres.Tx, now Viewer) error {
			on, err := find(ctx, tx, now)
			if err != nil {
				return err
			}
			return d.keep(ctx, tx, now, on, stored)
		})
	})
}

// keep writes the rows of files that came with something, if there is room.
func (d *Service) keep(ctx context.Context, tx postgres.Tx, now Viewer, on attachment.On, files []attachment.Stored) error {
	if len(files) == 0 {
		return nil
	}
	if err := attachment.LockUsage(ctx, tx, now.Customer); err != nil {
		return err
	}
	left, err := room(ctx, tx, now)
	if err != nil {
		return err
	}
	var bytes int64
	for _, f := range files {
		bytes += f.Size
	}
	if err := left.Fits(len(files), bytes); err != nil {
		return err
	}
	on.Customer = now.Customer
	return attachment.Add(ctx, tx, now.Actor(), d.queue, on, files)
}

// nonce makes a form's nonce the contact's own: who sends another's finds
// nothing by it. Without one every sending counts.
func (v Viewer) nonce(typed string) string {
	if typed == "" {
		return ""
	}
	return strconv.FormatInt(v.Contact, 10) + " " + typed
}

// refuseOnHold answers requests for new work of a customer who is on hold.
func refuseOnHold(v Viewer) error {
	if !v.OnHold {
		return nil
	}
	if v.Business.Phone == "" {
		return apperr.Conflictf("New requests are on hold for %s. Contact %s.", v.CustomerName, v.Business.Name)
	}
	return apperr.Conflictf("New requests are on hold for %s. Call %s on %s.", v.CustomerName, v.Business.Name, v.Business.Phone)
}

// one scans the only row of a batch's query.
func one(into ...any) func(pgx.Rows) error {
	return func(rows pgx.Rows) error {
		_, err := pgx.CollectExactlyOneRow(rows, func(row pgx.CollectableRow) (struct{}, error) { return struct{}{}, row.Scan(into...) })
		return err
	}
}

// current is the viewer with the permissions as they are in tx, which may has
// to say yes to. Locks says what of them to keep so. Who was let in, waited and
// was signed out meanwhile does nothing any more, even if access is back.
func (v Viewer) current(ctx context.Context, tx postgres.Tx, may func(Viewer) bool, locks string) (Viewer, error) {
	if v.Linked() {
		return v.currentByLink(ctx, tx, may, locks)
	}
	var now standing
	err := postgres.Read(ctx, tx, func(b *postgres.Batch) { v.queryStanding(b, &now, locks) })
	return now.viewer(may, err)
}

// standing is what may have changed of a viewer since they were let in.
type standing struct {
	v        Viewer
	signedIn bool
}

// queryStanding adds the queries for it. None of their rows is there for somebody
// who has no access any more, so it ends the batch.
func (v Viewer) queryStanding(b *postgres.Batch, into *standing, locks string) {
	v.News, v.Keepers = nil, nil
	into.v = v
	b.Add(`
		select `+contact.PermissionColumns("c")+`
		from contacts c
		join customers cu on cu.id = c.customer_id
		where c.id = @contact and c.customer_id = @customer and (c.person_id = @person or @company)
			and c.access = 'active' and c.archived_at is null
		`+locks,
		pgx.NamedArgs{"contact": v.Contact, "customer": v.Customer, "person": v.Person, "company": v.ByCompany}, one(contact.ScanPermissions(&into.v.Permissions)...))
	// A statement of its own: one that has waited for a lock sees the row it
	// waited for as it is now, and all else as it was before.
	b.Add(`
		select on_hold, @session = 0 or exists (select from sessions where id = @session and case when @company then company_visit_id is not null and contact_id = @contact else person_id = @person end), `+keeper.SQL+`
		from customers where id = @customer and archived_at is null`,
		pgx.NamedArgs{"session": v.Session, "person": v.Person, "customer": v.Customer, "contact": v.Contact, "company": v.ByCompany}, one(&into.v.OnHold, &into.signedIn, &into.v.Keepers))
}

// viewer is who stands so, whom may has to say yes to; err is that of the batch.
func (s standing) viewer(may func(Viewer) bool, err error) (Viewer, error) {
	switch {
	case errors.Is(err, apperr.NotFound):
		return Viewer{}, apperr.NotFound
	case err != nil:
		return Viewer{}, fmt.Errorf("read the contact's permissions, customer and session: %w", err)
	case !s.signedIn:
		return Viewer{}, apperr.SignedOut
	case !may(s.v):
		return Viewer{}, apperr.Forbidden{}
	}
	return s.v, nil
}
