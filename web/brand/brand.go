// Package brandweb serves the look of the business to everybody: colours,
// logo, banner and icon. Their addresses carry the company's version and how the
// program draws, that of the stylesheet its content, so that browsers may keep
// what they have for ever, and a new version of the program is not met by what an
// old one made.
package brandweb

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/go-chi/chi/v5"

	"fieldgate/internal/apperr"
	"fieldgate/internal/blob"
	"fieldgate/internal/branding"
	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
	"fieldgate/static"
	"fieldgate/templates/route"
)

// Brand answers under /brand/{version}/.
type Brand struct {
	DB    postgres.DB
	Store blob.Store
	panel *made
	head  *made
	icon  *made
	home  *made
	apps  [3]*made
}

// New is a Brand.
func New(db postgres.DB, store blob.Store) Brand {
	return Brand{DB: db, Store: store, panel: &made{}, head: &made{}, icon: &made{}, home: &made{}, apps: [3]*made{{}, {}, {}}}
}

// made is the picture made last, since making it takes longer than sending it.
// Its key names what it was made from; another copy of the program makes its own.
type made struct {
	mu      sync.Mutex
	key     string
	picture branding.Image
}

func (m *made) from(key string, make func() (branding.Image, error)) (branding.Image, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.key == key {
		return m.picture, nil
	}
	picture, err := make()
	if err == nil {
		m.key, m.picture = key, picture
	}
	return picture, err
}

// Style is the stylesheet of the portal's pages, in the brand colour.
func (h Brand) Style(w http.ResponseWriter, r *http.Request) error {
	hash := chi.URLParam(r, "version")
	if strings.Trim(hash, "0123456789abcdef") != "" {
		return apperr.NotFound
	}
	c, err := company.Read(r.Context(), h.DB)
	if err != nil {
		return err
	}
	sheet, err := branding.Sheet(c.BrandColour)
	if err != nil {
		return fmt.Errorf("brand stylesheet: %w", err)
	}
	sheet.Serve(w, r, hash)
	return nil
}

// Logo is the picture in emails that staff look at, and in previews of links.
func (h Brand) Logo(w http.ResponseWriter, r *http.Request) error {
	c, err := h.company(w, r)
	if err != nil {
		return err
	}
	return h.picture(w, r, c.LogoKey, "image/png")
}

// Banner is the picture beside the sign-in form.
func (h Brand) Banner(w http.ResponseWriter, r *http.Request) error {
	c, err := h.company(w, r)
	if err != nil {
		return err
	}
	kind := "image/jpeg"
	if c.BannerType == "image/png" {
		kind = "image/png"
	}
	return h.picture(w, r, c.BannerKey, kind)
}

// Panel is the middle of the banner, of the size that stands beside the form.
func (h Brand) Panel(w http.ResponseWriter, r *http.Request) error {
	c, err := h.company(w, r)
	if err != nil {
		return err
	}
	return h.made(w, r, h.panel, c.BannerKey, branding.Panel)
}

// Head is the logo, of the size that stands at the head of pages.
func (h Brand) Head(w http.ResponseWriter, r *http.Request) error {
	c, err := h.company(w, r)
	if err != nil {
		return err
	}
	return h.made(w, r, h.head, c.LogoKey, branding.Head)
}

// made sends what is made of the stored picture of a key.
func (h Brand) made(w http.ResponseWriter, r *http.Request, last *made, key string, from func(stored []byte) (branding.Image, error)) error {
	if key == "" {
		w.Header().Del("Cache-Control")
		return apperr.NotFound
	}
	return send(w, r, last, key, func() (branding.Image, error) {
		stored, err := h.read(r.Context(), key)
		if err != nil {
			return branding.Image{}, err
		}
		return from(stored)
	})
}

// send sends a picture, making it if it is not the one made last.
func send(w http.ResponseWriter, r *http.Request, last *made, key string, make func() (branding.Image, error)) error {
	picture, err := last.from(key, make)
	if err != nil {
		w.Header().Del("Cache-Control")
		return err
	}
	w.Header().Set("Content-Type", picture.ContentType)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(picture.Data))
	return nil
}

// Icon is the picture in the browser's tab: the logo if it stays readable that
// small, else the business's initial on its colour.
func (h Brand) Icon(w http.ResponseWriter, r *http.Request) error {
	return h.drawn(w, r, h.icon, branding.Icon)
}

// HomeIcon is the icon as phones show it among their programs.
func (h Brand) HomeIcon(w http.ResponseWriter, r *http.Request) error {
	return h.drawn(w, r, h.home, branding.HomeIcon)
}

// AppIcon is the icon of the portal as an app.
func (h Brand) AppIcon(w http.ResponseWriter, r *http.Request) error {
	return h.drawn(w, r, h.apps[0], branding.AppIcon)
}

// LargeAppIcon is AppIcon, larger.
func (h Brand) LargeAppIcon(w http.ResponseWriter, r *http.Request) error {
	return h.drawn(w, r, h.apps[1], branding.LargeAppIcon)
}

// MaskableIcon is the icon for phones that cut it to a shape of their own.
func (h Brand) MaskableIcon(w http.ResponseWriter, r *http.Request) error {
	return h.drawn(w, r, h.apps[2], branding.MaskableIcon)
}

// Manifest says what the portal is as an app. Its address changes with the
// business's looks, so that browsers learn of another name or logo at the next
// page; what they know the app by is its id.
func (h Brand) Manifest(w http.ResponseWriter, r *http.Request) error {
	c, err := h.company(w, r)
	if err != nil {
		return err
	}
	text, err := branding.Manifest(c.TradingName, c.BrandColour, branding.AppIcons{
		Small: route.BrandAppIcon(c.Version, "192"), Large: route.BrandAppIcon(c.Version, "512"), Maskable: route.BrandAppIcon(c.Version, "maskable"),
	})
	if err != nil {
		return fmt.Errorf("the portal as an app: %w", err)
	}
	w.Header().Set("Content-Type", "application/manifest+json")
	_, _ = w.Write(text) // the reader has gone; nobody is left to tell
	return nil
}

// Worker is the portal's service worker. It is asked for afresh each time, since
// its address stays; browsers compare.
func (h Brand) Worker(w http.ResponseWriter, r *http.Request) error {
	static.Worker().Serve(w, r, "")
	return nil
}

// drawn sends an icon.
func (h Brand) drawn(w http.ResponseWriter, r *http.Request, last *made, draw func(logo []byte, name, colour string) (branding.Image, error)) error {
	c, err := h.company(w, r)
	if err != nil {
		return err
	}
	return send(w, r, last, c.LogoKey+c.BrandColour+c.TradingName, func() (branding.Image, error) {
		var logo []byte
		if c.LogoKey != "" {
			if logo, err = h.read(r.Context(), c.LogoKey); err != nil {
				return branding.Image{}, err
			}
		}
		return draw(logo, c.TradingName, c.BrandColour)
	})
}

// company is the business as it looks now. Only the address of the present
// version, and of what this program draws of it, may be kept: another one was
// never this look.
func (h Brand) company(w http.ResponseWriter, r *http.Request) (company.Company, error) {
	of, drawing, drawn := strings.Cut(chi.URLParam(r, "version"), "-")
	version, err := strconv.ParseInt(of, 10, 64)
	if err != nil || version < 1 {
		return company.Company{}, apperr.NotFound
	}
	c, err := company.Read(r.Context(), h.DB)
	if err != nil {
		return c, err
	}
	if version == c.Version && (!drawn || drawing == branding.Drawing) {
		w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		w.Header().Set("Cache-Control", "no-cache")
	}
	return c, nil
}

// picture sends a stored picture as the kind it was made as.
func (h Brand) picture(w http.ResponseWriter, r *http.Request, key, kind string) error {
	if key == "" {
		w.Header().Del("Cache-Control")
		return apperr.NotFound
	}
	f, err := h.open(r.Context(), key)
	if err != nil {
		w.Header().Del("Cache-Control")
		return err
	}
	defer f.Close()
	w.Header().Set("Content-Type", kind)
	w.Header().Set("X-Content-Type-Options", "nosniff")
	// Mail programs and previews of links show the logo on other sites.
	w.Header().Set("Cross-Origin-Resource-Policy", "cross-origin")
	http.ServeContent(w, r, "", time.Time{}, f)
	return nil
}

func (h Brand) read(ctx context.Context, key string) ([]byte, error) {
	f, err := h.open(ctx, key)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	b, err := io.ReadAll(f)
	if err != nil {
		return nil, fmt.Errorf("picture of the brand: %w", err)
	}
	return b, nil
}

func (h Brand) open(ctx context.Context, key string) (blob.File, error) {
	f, err := h.Store.Open(ctx, key)
	if err != nil {
		return f, fmt.Errorf("picture of the brand: %w", err)
	}
	return f, nil
}
