package session

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"net/http"

	"fieldgate/internal/audit"
	"fieldgate/internal/contact"
	"fieldgate/internal/portal"
	"fieldgate/internal/postgres"
	"fieldgate/internal/signin"
)

// previewCookie carries a preview of the portal: a cookie of its own, so that a
// sign-in to the portal in the same browser is not touched. It comes before that
// sign-in until the preview is ended.
const previewCookie = "fieldgate_preview"

// BeginPreview begins a preview of the contact in the office session of the
// request, in place of another one there, and gives the browser its token. It
// returns apperr.NotFound for archived contacts, and for those of archived
// customers.
func (m *Manager) BeginPreview(ctx context.Context, w http.ResponseWriter, by audit.Actor, of contact.Contact) error {
	v, token := visitOf(ctx), rand.Text()
	err := m.signin.BeginPreview(ctx, by, of, signin.NewPreview{
		OfficeTokenHash: v.tokenHash, TokenHash: hashed(token), Address: v.address, Browser: browser(v.request.UserAgent()),
	})
	if err != nil {
		return err
	}
	m.carry(w, token, 0)
	return nil
}

// EndPreview ends the preview begun in the office session of the request, and
// returns the contact it was of; 0 when there was none.
func (m *Manager) EndPreview(ctx context.Context, w http.ResponseWriter) (contact int64, err error) {
	contact, err = m.signin.EndPreview(ctx, visitOf(ctx).tokenHash)
	if err == nil {
		m.carry(w, "", -1)
	}
	return contact, err
}

// The cookie outlives the preview, so that the next page can say that it has
// ended, instead of showing somebody else's portal without a word.
func (m *Manager) carry(w http.ResponseWriter, token string, age int) {
	m.cookie.set(w, previewCookie, token, age)
}

func hashed(token string) string {
	sum := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(sum[:])
}

// previewing lets a preview come before the session of the portal. The
// session's own cookie is neither read nor written while there is one.
func (m *Manager) previewing(signedIn, next http.Handler, fail func(http.ResponseWriter, *http.Request, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		cookie, err := r.Cookie(m.cookie.name(previewCookie))
		if err != nil || cookie.Value == "" {
			signedIn.ServeHTTP(w, r)
			return
		}
		v := &visit{request: r, address: addressOf(r)}
		found, ok, err := portal.FindPreview(r.Context(), m.db, hashed(cookie.Value))
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
		ctx := context.WithValue(r.Context(), contextKey{}, v)
		postgres.Own(ctx, owner(ctx))
		note(ctx)
		next.ServeHTTP(w, r.WithContext(ctx))
	})
}

// PreviewEnded reports whether the browser still carries a preview that is over.
func PreviewEnded(ctx context.Context) bool {
	v := visitOf(ctx)
	return v != nil && v.previewEnded
}

// RecordDownload writes down that files were taken out of the portal in a
// preview, once for each.
func (m *Manager) RecordDownload(ctx context.Context) error {
	v := visitOf(ctx)
	if v == nil || v.previewHash == "" || v.portal.Preview.Downloaded {
		return nil
	}
	p := v.portal
	by := audit.Actor{Staff: p.Preview.Staff, Name: p.Preview.StaffName, Address: v.address}
	return m.signin.RecordDownload(ctx, by, v.previewHash, contact.Contact{ID: p.Contact, CustomerID: p.Customer, Details: contact.Details{Name: p.Name}})
}
