package officeweb

import (
	"net/http"

	"fieldgate/internal/audit"
	"fieldgate/internal/openid"
	"fieldgate/templates/route"
	signinview "fieldgate/templates/signin"
	"fieldgate/web/form"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// provider is the button to the business's own provider; nil where there is none.
func (h SignIn) provider() *signinview.Provider {
	s := h.Service.StaffProvider()
	if !s.Set() {
		return nil
	}
	return &signinview.Provider{URL: route.OfficeProvider, Label: s.Label()}
}

// ToProvider sends the browser to the business's provider.
func (h SignIn) ToProvider(w http.ResponseWriter, r *http.Request) error {
	l, err := h.Service.LeaveForStaff(r.Context(), page.Visitor(r), h.Session.Waits(r, session.AskedOfficeProvider).Token, form.Next(r, route.Office))
	if err != nil {
		return h.side().ProviderFailed(w, r, err)
	}
	return h.side().ToProvider(w, r, l)
}

// FromProvider lets in whom the provider names, or takes it as a fresh proof.
func (h SignIn) FromProvider(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Referrer-Policy", "no-referrer")
	from := page.Visitor(r)
	v, signedIn := session.OfficeViewer(r.Context())
	if signedIn {
		from.Staff, from.Name = v.Staff, v.Name
	}
	back, err := h.Service.ReturnOfStaff(r.Context(), from, h.Session.Waits(r, session.AskedOfficeProvider).Token, openid.AnswerOf(r.URL.Query()))
	if err != nil {
		return h.side().ProviderFailed(w, r, err)
	}
	next := form.Local(back.Next, route.Office)
	if back.Proof == 0 {
		return h.arrive(w, r, back.Entry, next, "")
	}
	if err := session.GoOn(r.Context(), audit.Actor{Staff: v.Staff}, back.Proof); err != nil {
		return err
	}
	return page.Redirect(w, r, next)
}
