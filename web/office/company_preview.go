package officeweb

import (
	"net/http"

	"fieldgate/internal/apperr"
	"fieldgate/internal/branding"
	"fieldgate/internal/company"
	"fieldgate/internal/staff"
	"fieldgate/static"
	"fieldgate/templates/layout"
	officeview "fieldgate/templates/office"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

// PreviewPages is a page of the portal in a colour that need not be saved yet.
func (h Company) PreviewPages(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	brand, err := h.previewBrand(w, r)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.PreviewPages(brand))
}

// PreviewSignIn is the sign-in page of the portal, likewise.
func (h Company) PreviewSignIn(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	brand, err := h.previewBrand(w, r)
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, officeview.PreviewSignIn(brand))
}

// previewBrand lets the page stand in a frame of ours, as no other page may.
func (h Company) previewBrand(w http.ResponseWriter, r *http.Request) (layout.Brand, error) {
	c, err := company.Read(r.Context(), h.DB)
	if err != nil {
		return layout.Brand{}, err
	}
	colour := c.BrandColour
	if _, err := branding.New(r.URL.Query().Get("colour")); err == nil {
		colour = r.URL.Query().Get("colour")
	}
	w.Header().Set("X-Frame-Options", "SAMEORIGIN")
	w.Header().Set("Content-Security-Policy", "default-src 'none'; object-src 'none'; style-src 'self'; img-src 'self' data:; script-src 'self'; base-uri 'none'; frame-ancestors 'self'")
	return officeview.PreviewBrand(c, colour, r.URL.Query().Get("scheme") == "dark"), nil
}

// ColourWords say what became of a colour that need not be saved yet.
func (h Company) ColourWords(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	return page.Render(w, r, http.StatusOK, officeview.ColourWords(form.Line(r.URL.Query().Get("brand_colour"))))
}

// PreviewStyle is the brand's stylesheet for a colour that need not be saved.
func (h Company) PreviewStyle(w http.ResponseWriter, r *http.Request, _ staff.Viewer) error {
	palette, err := branding.New(r.URL.Query().Get("colour"))
	if err != nil {
		return apperr.NotFound
	}
	rules := palette.Stylesheet()
	if r.URL.Query().Get("scheme") == "dark" {
		rules += ":root{color-scheme:dark}.brand__logo{background:#fff;padding:.25rem .5rem}\n"
	}
	static.Stylesheet(rules).Serve(w, r, "")
	return nil
}
