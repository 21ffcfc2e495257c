package signin

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/postgres"
)

// A preview is a session of a third kind: a member of staff looks at the portal
// as one contact sees it. Its row hangs on the session of the office.

// previewLife is short: who looks longer presses again.
const previewLife = 30 * time.Minute

// NewPreview is a preview to begin: in which session of the office, and under
// which token.
type NewPreview struct {
	OfficeTokenHash, TokenHash string
	Address                    netip.Addr
	Browser                    string
}

// BeginPreview begins a preview of a contact in place of another one in the same
// session of the office. It returns apperr.NotFound for archived contacts, and
// for those of archived customers. The trail keeps who looked as whom.
func (s *Service) BeginPreview(ctx context.Context, by audit.Actor, of contact.Contact, n NewPreview) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		tag, err := tx.Exec(ctx, `
			insert into sessions (token_hash, side, staff_id, contact_id, parent_id, expires_at, address, browser)
			select @token, 'preview', o.staff_id, c.id, o.id, now() + @life::interval, @address, @browser
			from sessions o, contacts c join customers cu on cu.id = c.customer_id
			where o.token_hash = @office and o.side = 'office' and c.id = @contact and c.archived_at is null and cu.archived_at is null
			on conflict (parent_id) where parent_id is not null do update set token_hash = excluded.token_hash, contact_id = excluded.contact_id,
				created_at = now(), expires_at = excluded.expires_at, downloaded_at = null, address = excluded.address, browser = excluded.browser`,
			pgx.NamedArgs{
				"token": n.TokenHash, "life": previewLife, "office": n.OfficeTokenHash, "contact": of.ID,
				"address": nullAddress(n.Address), "browser": n.Browser,
			})
		if err != nil {
			return fmt.Errorf("begin a preview: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return apperr.NotFound
		}
		return audit.Record(ctx, tx, by, audit.New{Action: audit.ContactPreviewed, ID: of.ID, Label: of.Name, Customer: of.CustomerID})
	})
}

// EndPreview ends the preview begun in a session of the office, and returns the
// contact it was of; 0 when there was none.
func (s *Service) EndPreview(ctx context.Context, officeTokenHash string) (contact int64, err error) {
	err = postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		err := tx.QueryRow(ctx, `delete from sessions p using sessions o where p.parent_id = o.id and o.token_hash = $1 returning p.contact_id`, officeTokenHash).Scan(&contact)
		if err != nil && !errors.Is(err, pgx.ErrNoRows) {
			return fmt.Errorf("end a preview: %w", err)
		}
		return nil
	})
	return contact, err
}

// RecordDownload writes down that files were taken out of the portal in a
// preview of a contact, once for each preview.
func (s *Service) RecordDownload(ctx context.Context, by audit.Actor, tokenHash string, of contact.Contact) error {
	return postgres.Transact(ctx, s.pool, func(tx postgres.Tx) error {
		tag, err := tx.Exec(ctx, `update sessions set downloaded_at = now() where token_hash = $1 and downloaded_at is null`, tokenHash)
		if err != nil {
			return fmt.Errorf("note a download: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		return audit.Record(ctx, tx, by, audit.New{Action: audit.ContactDownloadedInPreview, ID: of.ID, Label: of.Name, Customer: of.CustomerID})
	})
}
