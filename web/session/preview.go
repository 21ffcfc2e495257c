package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/http"
	"time"

	"github.com/jackc/pgx/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/portal"
	"fieldgate/internal/postgres"
)

// A preview is a session of a third kind: a member of staff looks at the portal
// as one contact sees it. It has a cookie of its own, so that a sign-in to the
// portal in the same browser is not touched, and comes before that sign-in
// until it is ended. Its row hangs on the session of the office.
const (
	previewCookie = "fieldgate_preview"
	// previewLife is short: who looks longer presses again.
	previewLife = 30 * time.Minute
)

// BeginPreview begins a preview in the office session of the request, in place
// of another one there, and returns the token for CarryPreview once tx has
// succeeded. It returns apperr.NotFound for archived contacts, and for those of
// archived customers.
func (m *Manager) BeginPreview(ctx context.Context, tx postgres.Tx, contact int64) (token string, err error) {
	v := visitOf(ctx)
	token = rand.Text()
	tag, err := tx.Exec(ctx, `
		insert into sessions (token_hash, side, staff_id, contact_id, parent_id, expires_at, address, browser)
		select @token, 'preview', o.staff_id, c.id, o.id, now() + @life::interval, @address, @browser
		from sessions o, contacts c join customers cu on cu.id = c.customer_id
		where o.token_hash = @office and o.side = 'office' and c.id = @contact and c.archived_at is null and cu.archived_at is null
		on conflict (parent_id) where parent_id is not null do update set token_hash = excluded.token_hash, contact_id = excluded.contact_id,
			created_at = now(), expires_at = excluded.expires_at, downloaded_at = null, address = excluded.address, browser = excluded.browser`,
		pgx.NamedArgs{
			"token": hashed(token), "life": previewLife, "office": v.tokenHash, "contact": contact,
			"address": nullAddr(v.address), "browser": browser(v.request.UserAgent()),
		})
	if err != nil {
		return "", fmt.Errorf("begin a preview: %w", err)
	}
	if tag.RowsAffected() == 0 {
		return "", apperr.NotFound
	}
	return token, nil
}

// EndPreview ends the preview begun in the office session of the request, and
// returns the contact it was of; 0 when there was none.
func (m *Manager) EndPreview(ctx context.Context, w http.ResponseWriter) (contact int64, err error) {
	m.carry(w, "", -1)
	rows, err := m.pool.Query(ctx, `delete from sessions p using sessions o where p.parent_id = o.id and o.token_hash = $1 returning p.contact_id`, visitOf(ctx).tokenHash)
	if err != nil {
		return 0, fmt.Errorf("end a preview: %w", err)
	}
	ended, err := pgx.CollectRows(rows, pgx.RowTo[int64])
	if err != nil {
		return 0, fmt.Errorf("end a preview: %w", err)
	}
	if len(ended) == 0 {
		return 0, nil
	}
	return ended[0], nil
}

// CarryPreview gives the browser the token of a preview.
func (m *Manager) CarryPreview(w http.ResponseWriter, token string) { m.carry(w, token, 0) }

// The cookie outlives the preview, so that the next page can say that it has
// ended, instead of showing somebody else's portal without a word.
func (m *Manager) carry(w http.ResponseWriter, token string, age int) {
	http.SetCookie(w, &http.Cookie{ //nolint:gosec // Secure where the program is reached by HTTPS, like its other cookies
		Name: previewCookie, Value: token, Path: m.portal.Cookie.Path, MaxAge: age,
		HttpOnly: true, Secure: m.portal.Cookie.Secure, SameSite: http.SameSiteLaxMode,
	})
}

func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// previewing lets a preview come before the session of the portal. The
// session's own cookie is neither read nor written while there is one.
func (m *Manager) previewing(signedIn, next http.Handler, fail func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie(previewCookie)
		if err != nil || cookie.Value == "" {
			signedIn.ServeHTTP(w, r)
			return
		}
		v := &visit{request: r, address: addressOf(r)}
		found, ok, err := portal.ArriveInPreview(r.Context(), m.pool, hashed(cookie.Value))
		switch {
		case err != nil:
			fail(w, r, err)
			return
		case ok:
			found.Address = v.address
			v.portal, v.previewHash = &found, hashed(cookie.Value)
		default:
			v.previewEnded = true
			m.carry(w, "", -1)
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), contextKey{}, v)))
	})
}

// PreviewEnded reports whether the browser still carries a preview that is over.
func PreviewEnded(ctx context.Context) bool {
	v := visitOf(ctx)
	return v != nil && v.previewEnded
}

// NoteDownload writes down that files were taken out of the portal in a
// preview, once for each.
func (m *Manager) NoteDownload(ctx context.Context) error {
	v := visitOf(ctx)
	if v == nil || v.previewHash == "" || v.portal.Preview.Downloaded {
		return nil
	}
	looked := v.portal
	return postgres.Transact(ctx, m.pool, func(tx postgres.Tx) error {
		tag, err := tx.Exec(ctx, `update sessions set downloaded_at = now() where token_hash = $1 and downloaded_at is null`, v.previewHash)
		if err != nil {
			return fmt.Errorf("note a download: %w", err)
		}
		if tag.RowsAffected() == 0 {
			return nil
		}
		by := audit.Actor{Staff: looked.Preview.Staff, Name: looked.Preview.StaffName, Address: v.address}
		return audit.Record(ctx, tx, by, audit.New{Action: audit.ContactDownloadedInPreview, ID: looked.Contact, Label: looked.Name, Customer: looked.Customer})
	})
}
