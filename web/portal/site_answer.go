package portalweb

import (
	"context"
	"net/http"
	"strings"

	"fieldgate/internal/portal"
	"fieldgate/internal/problem"
	portalview "fieldgate/templates/portal"
	"fieldgate/web/form"
	"fieldgate/web/page"
)

// siteAnswer is what a form says of the site: one of those it offers or, where a
// customer has too many for that, what was picked among those that fit what was
// typed of a name, else what was typed. A pick that was shown for other words is
// asked for again: nobody gets a site that they did not see or name.
func siteAnswer(r *http.Request, reader *portal.Reader, v portal.Viewer, isNew bool, p problem.Set) (a portalview.SiteAnswer, err error) {
	if a.Called = form.Text(r, "site_name"); !r.PostForm.Has("site_name") {
		if a.Site = form.ID(r, "site"); isNew {
			a.Site, a.NoSite = form.Site(r, p)
		}
		return a, nil
	}
	a.Before = form.Text(r, "site_before")
	picked := form.Text(r, "site")
	switch {
	case a.Called == "" && picked == "" && a.Before == "":
		if isNew {
			p.Add("site", "Choose the site: type a few letters of its name or address.")
		}
		return a, nil
	case a.Called == "" && picked == "":
		return a.Picking(a.Before), nil
	case a.Called == "" || picked != "" && a.Called == form.Text(r, "site_called"):
		return a.Picking(picked), nil
	}
	meant := int64(0)
	if a.Fit, meant, err = reader.PlacesCalled(r.Context(), v, a.Called, portalview.MostSitesThatFit+1); err != nil {
		return a, err
	}
	switch {
	case picked != "" && picked != a.Before:
		p.Add("site", "Pick the site again: what you typed has changed since.")
	case meant != 0:
		a.Site = meant
	case len(a.Fit) == 0:
		p.Add("site", "No site is called that. Type a few letters of its name or address.")
	default:
		p.Add("site", "Several sites fit that. Pick one of them, or type more.")
	}
	return a, nil
}

// offer is the site that a new thing may be begun with, which is then among
// those offered; 0 when it is not the viewer's to choose.
func offer(ctx context.Context, reader *portal.Reader, v portal.Viewer, places *portal.Places, site int64) (int64, error) {
	if err := reader.Offer(ctx, v, places, site); err != nil {
		return 0, err
	}
	for _, p := range places.Offered {
		if p.ID == site && !p.Archived {
			return site, nil
		}
	}
	return 0, nil
}

// askedSite is the site in the address's question, by its id or, when a script
// asks while a form is filled in, by the name typed there; 0 for none.
func askedSite(r *http.Request, reader *portal.Reader, v portal.Viewer) (int64, error) {
	called := askedText(r, "site_name")
	if picked := askedText(r, "site"); called == "" || picked != "" && called == askedText(r, "site_called") {
		return askedID(r, "site"), nil
	}
	_, meant, err := reader.PlacesCalled(r.Context(), v, called, 2)
	return meant, err
}

// askedText is a line of text in the address's question.
func askedText(r *http.Request, name string) string {
	return form.Line(strings.ToValidUTF8(r.URL.Query().Get(name), ""))
}

// FindSites shows the sites that fit what is typed into a form; when that is
// cleared, the one that stood there before.
func (h Details) FindSites(w http.ResponseWriter, r *http.Request, v portal.Viewer) error {
	a := portalview.SiteAnswer{Called: askedText(r, "site_name"), Before: askedText(r, "site_before")}
	var (
		places portal.Places
		err    error
	)
	if a.Called == "" {
		a = a.Picking(a.Before)
		err = h.Reader.Offer(r.Context(), v, &places, a.Site)
	} else {
		a.Fit, a.Site, err = h.Reader.PlacesCalled(r.Context(), v, a.Called, portalview.MostSitesThatFit+1)
	}
	if err != nil {
		return err
	}
	return page.Render(w, r, http.StatusOK, portalview.SitesThatFit(v, places, a))
}
