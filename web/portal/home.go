package portalweb

import (
	"net/http"

	"fieldgate/internal/portal"
	portalview "fieldgate/templates/portal"
	"fieldgate/web/page"
	"fieldgate/web/session"
)

// Home is the first page after signing in.
type Home struct{ Reader *portal.Reader }

// Show shows what needs the contact, what comes next and what is new.
func (h Home) Show(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	home, err := h.Reader.Home(r.Context(), v)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.Home(portalview.HomePage{Viewer: v, Home: home, Today: v.Business.Format.Today(), OffersPasskey: session.OffersPasskey(r.Context())}))
}
