package portal

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/company"
	"fieldgate/internal/contact"
	"fieldgate/internal/person"
	"fieldgate/internal/postgres"
	"fieldgate/internal/token"
)

// KeySession is the key that a program has come with.
type KeySession struct {
	ID        int64
	Name      string
	ExpiresAt *time.Time
}

// FindKeyViewer finds a contact's key, and the contact who looks by it, in one
// query: what would end a session of theirs keeps the key from working too, at
// once, for as long as it holds. ok is false for a key that lets nobody in.
func FindKeyViewer(ctx context.Context, db postgres.DB, secret string, from netip.Addr) (k KeySession, v Viewer, ok bool, err error) {
	var (
		now                    time.Time
		zone, locale, currency string
		unmarked               bool
		b                      = &v.Business
	)
	err = db.QueryRow(ctx, `
		select k.id, k.name, k.expires_at, k.used_at is null or k.used_at < now() - interval '1 minute',
			c.id, c.person_id, c.name, `+contact.PermissionColumns("c")+`,
			cu.id, coalesce(nullif(cu.company_name, ''), cu.name), cu.number, cu.on_hold, st.hide_tasks,
			co.trading_name, co.phone, co.email, co.website, co.version, now(), co.time_zone, co.locale, co.currency, i.demo
		from contact_keys k
		join contacts c on c.id = k.contact_id and c.person_id = k.person_id and c.access = 'active' and c.archived_at is null and `+person.NotByCompanyAlone+`
		join customers cu on cu.id = c.customer_id and cu.archived_at is null
		cross join (select * from portal_settings limit 1) st cross join (select * from company limit 1) co cross join (select * from installation limit 1) i
		where k.hash = @hash and k.ended_at is null and (k.expires_at is null or k.expires_at > now()) and st.contact_keys`,
		pgx.NamedArgs{"hash": token.Hash(secret)},
	).Scan(slices.Concat([]any{&k.ID, &k.Name, &k.ExpiresAt, &unmarked, &v.Contact, &v.Person, &v.Name}, contact.ScanPermissions(&v.Permissions), []any{
		&v.Customer, &v.CustomerName, &v.CustomerNo, &v.OnHold, &v.HidesTasks,
		&b.Name, &b.Phone, &b.Email, &b.Website, &b.Version, &now, &zone, &locale, &currency, &b.Demo,
	})...)
	if errors.Is(err, pgx.ErrNoRows) {
		return KeySession{}, Viewer{}, false, nil
	}
	if err != nil {
		return KeySession{}, Viewer{}, false, fmt.Errorf("find the key: %w", err)
	}
	v.Customers, v.Address, v.Stale = map[int64]string{v.Contact: v.CustomerName}, from, true
	b.Format = company.NewFormat(now, zone, locale, currency)
	if unmarked {
		if err := token.TouchKey(ctx, db, k.ID, from); err != nil {
			return KeySession{}, Viewer{}, false, err
		}
	}
	return k, v, true, nil
}

// Keys are the keys of the viewer, and whether contacts may make any.
type Keys struct {
	Keys    []token.Key
	Allowed bool
}

// QueryKeysAllowed adds a query for whether contacts may have keys.
func QueryKeysAllowed(b *postgres.Batch, into *bool) {
	postgres.QueryValue(b, into, `select contact_keys from portal_settings limit 1`, nil)
}

// mayHaveKeys says why the viewer may have no keys: a key is a person's, who can
// prove who they are. Those who come by a link, or by their company's provider
// alone, which would have no say over the key, have none.
func (v Viewer) mayHaveKeys() error {
	switch {
	case v.Previewing():
		return apperr.Forbidden{Words: "A preview does not show this: it belongs to the contact alone."}
	case v.Linked() || v.Contact == 0:
		return apperr.NotFound
	case v.Person == 0 || v.ByCompany:
		return apperr.NotFound
	}
	return nil
}

// MayHaveKeys reports whether keys are anything to this viewer.
func (v Viewer) MayHaveKeys() bool { return v.mayHaveKeys() == nil }

// Keys are the keys of the viewer.
func (d *Service) Keys(ctx context.Context, v Viewer) (k Keys, err error) {
	if err := v.mayHaveKeys(); err != nil {
		return k, err
	}
	err = postgres.Read(ctx, d.pool, func(b *postgres.Batch) {
		QueryKeysAllowed(b, &k.Allowed)
		token.QueryKeys(b, &k.Keys, v.Contact, v.Person)
	})
	if err != nil {
		return k, fmt.Errorf("keys of contact %d: %w", v.Contact, err)
	}
	return k, nil
}

// CreateKey makes a key of the viewer, whose secret is returned this once; "" for
// the same form again.
func (d *Service) CreateKey(ctx context.Context, v Viewer, n token.NewKey) (secret string, err error) {
	if err := v.mayHaveKeys(); err != nil {
		return "", err
	}
	err = d.transact(ctx, v, Viewer.MayHaveKeys, func(tx postgres.Tx, now Viewer) error {
		if err := n.Check().Err(); err != nil {
			return err
		}
		var allowed bool
		if err := postgres.Read(ctx, tx, func(b *postgres.Batch) { QueryKeysAllowed(b, &allowed) }); err != nil {
			return fmt.Errorf("ask whether contacts have keys: %w", err)
		}
		if !allowed {
			return apperr.NotFound
		}
		if err := v.CheckProof(); err != nil {
			return err
		}
		made, _, err := token.CreateKey(ctx, tx, now.Actor(), now.Customer, n)
		secret = made
		return err
	})
	return secret, err
}

// EndKey ends a key of the viewer's.
func (d *Service) EndKey(ctx context.Context, v Viewer, id int64) error {
	if err := v.mayHaveKeys(); err != nil {
		return err
	}
	return d.transact(ctx, v, Viewer.MayHaveKeys, func(tx postgres.Tx, now Viewer) error {
		if _, err := token.FindKey(ctx, tx, now.Contact, now.Person, id); err != nil {
			return err
		}
		if err := v.CheckProof(); err != nil {
			return err
		}
		return token.EndKey(ctx, tx, now.Actor(), now.Customer, now.Contact, id)
	})
}
