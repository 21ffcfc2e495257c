package company

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/shopspring/decimal"
	"golang.org/x/text/currency"
	"golang.org/x/text/language"

	"fieldgate/internal/address"
	"fieldgate/internal/apperr"
	"fieldgate/internal/audit"
	"fieldgate/internal/postgres"
	"fieldgate/internal/problem"
)

// Details are what an Administrator enters about the business.
type Details struct {
	TradingName        string          `json:"trading_name"`
	LegalName          string          `json:"legal_name"`
	RegistrationLabel  string          `json:"registration_label"` // ABN, VAT…
	RegistrationNumber string          `json:"registration_number"`
	Phone              string          `json:"phone"`
	Email              string          `json:"email"`
	Website            string          `json:"website"`
	Address            address.Address `json:"address"`
	BrandColour        string          `json:"brand_colour"` // #rrggbb, lower case
	TimeZone           string          `json:"time_zone"`    // of the IANA database
	Currency           string          `json:"currency"`     // ISO 4217, of new quotes
	Locale             string          `json:"locale"`       // BCP 47
	Terms              string          `json:"terms"`        // terms and conditions
	WelcomeText        string          `json:"welcome_text"` // for the sign-in page and home
	ShowCredit         bool            `json:"show_credit"`  // the portal's footer says "Fieldgate"
}

// Company is the business as stored. Version is part of the addresses of what
// shows the brand, so that browsers may keep those forever.
type Company struct {
	Details
	LogoKey    string    `json:"logo_key"`
	LogoType   string    `json:"-"`
	LogoWidth  int       `json:"-"` // pixels
	LogoHeight int       `json:"-"`
	BannerKey  string    `json:"banner_key"`
	BannerType string    `json:"-"`
	Version    int64     `json:"version"`
	Now        time.Time `json:"-"` // when it was read
}

// Format writes dates and money the business's way.
func (c Company) Format() Format { return NewFormat(c.Now, c.TimeZone, c.Locale, c.Currency) }

// Locale is a country whose way of writing dates and money the business uses.
type Locale struct{ Tag, Name string }

// Locales are the ways of writing English that are offered.
var Locales = []Locale{
	{"en-AU", "Australia"},
	{"en-CA", "Canada"},
	{"en-IE", "Ireland"},
	{"en-IN", "India"},
	{"en-NZ", "New Zealand"},
	{"en-SG", "Singapore"},
	{"en-ZA", "South Africa"},
	{"en-GB", "United Kingdom"},
	{"en-US", "United States"},
}

var colourForm = regexp.MustCompile(`^#[0-9a-f]{6}$`)

// tidied forgives what people leave out: the scheme of a website, the # of a
// colour, small letters of a currency.
func (d Details) tidied() Details {
	d.BrandColour = strings.ToLower(d.BrandColour)
	if d.BrandColour != "" && !strings.HasPrefix(d.BrandColour, "#") {
		d.BrandColour = "#" + d.BrandColour
	}
	if len(d.BrandColour) == 4 { // #abc is short for #aabbcc
		c := d.BrandColour
		d.BrandColour = string([]byte{'#', c[1], c[1], c[2], c[2], c[3], c[3]})
	}
	if d.Website != "" && !strings.Contains(d.Website, "://") {
		d.Website = "https://" + d.Website
	}
	d.Currency = strings.ToUpper(d.Currency)
	return d
}

func (d Details) check() error {
	p := problem.Set{}
	p.Unless(d.TradingName != "", "trading_name", "Enter the name your customers know.")
	p.Limit(Field.TradingName, d.TradingName)
	p.Limit(Field.LegalName, d.LegalName)
	p.Limit(Field.RegistrationLabel, d.RegistrationLabel)
	p.Limit(Field.RegistrationNumber, d.RegistrationNumber)
	p.Limit(Field.Phone, d.Phone)
	p.Email(d.Email, "email")
	p.Unless(d.Website == "" || isWebsite(d.Website), "website", "Enter a website like https://www.example.com.")
	d.Address.Check(p, "address")
	p.Unless(colourForm.MatchString(d.BrandColour), "brand_colour", "Enter a colour like #0f5c8c: six digits or letters a to f.")
	p.Unless(isZone(d.TimeZone), "time_zone", "Choose a time zone from the list, such as Australia/Sydney.")
	p.Unless(isCurrency(d.Currency), "currency", "Enter the three letters of a currency, such as AUD.")
	p.Unless(isLocale(d.Locale), "locale", "Choose a country from the list.")
	p.Limit(Field.Terms, d.Terms)
	p.Limit(Field.WelcomeText, d.WelcomeText)
	return p.Err()
}

// isWebsite keeps addresses out that would do something when pressed, such as javascript:.
func isWebsite(s string) bool {
	u, err := url.Parse(s)
	return err == nil && len(s) <= 500 && (u.Scheme == "http" || u.Scheme == "https") && strings.Contains(u.Hostname(), ".") && u.User == nil
}

func isZone(name string) bool {
	if name == "" || name == "Local" {
		return false
	}
	_, err := time.LoadLocation(name)
	return err == nil
}

func isCurrency(code string) bool {
	_, err := currency.ParseISO(code)
	return err == nil && len(code) == 3 && code != NoCurrency
}

func isLocale(tag string) bool {
	t, err := language.Parse(tag)
	if err != nil {
		return false
	}
	base, _ := t.Base()
	return base.String() == "en" && len(tag) <= 20
}

const columns = `trading_name, legal_name, registration_label, registration_number, phone, email, website, address, brand_colour, time_zone, currency, locale, terms, welcome_text, show_credit,
	logo_key, logo_type, logo_width, logo_height, banner_key, banner_type, version, now() as now`

// Query adds the business as it is now to a batch.
func Query(b *postgres.Batch, into *Company) {
	postgres.QueryOne(b, into, `select `+columns+` from company`, nil)
}

// Read is the business as it is now.
func Read(ctx context.Context, db postgres.DB) (Company, error) {
	return one(ctx, db, `select `+columns+` from company`)
}

// QueryPhone reads the business's phone number as part of a batch.
func QueryPhone(b *postgres.Batch, into *string) {
	postgres.QueryValue(b, into, `select phone from company`, nil)
}

func lock(ctx context.Context, tx postgres.Tx) (Company, error) {
	return one(ctx, tx, `select `+columns+` from company for update`)
}

func one(ctx context.Context, db postgres.DB, sql string) (Company, error) {
	rows, err := db.Query(ctx, sql)
	if err != nil {
		return Company{}, fmt.Errorf("read company: %w", err)
	}
	c, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[Company])
	if err != nil {
		return Company{}, fmt.Errorf("read company: %w", err)
	}
	return c, nil
}

// Edit replaces the details. It returns apperr.Stale when somebody else has
// saved since version was read.
func Edit(ctx context.Context, tx postgres.Tx, by audit.Actor, version int64, d Details) error {
	d = d.tidied()
	if err := d.check(); err != nil {
		return err
	}
	before, err := lock(ctx, tx)
	if err != nil {
		return err
	}
	if before.Version != version {
		return apperr.Stale
	}
	// The database's zones are the ones that count: its list may be older than ours.
	var known bool
	if err := tx.QueryRow(ctx, `select exists (select from pg_timezone_names where name = @zone)`, pgx.NamedArgs{"zone": d.TimeZone}).Scan(&known); err != nil {
		return fmt.Errorf("look up time zone: %w", err)
	}
	if !known {
		return problem.Of("time_zone", "Choose a time zone from the list, such as Australia/Sydney.")
	}
	_, err = tx.Exec(ctx, `
		update company set trading_name = @trading_name, legal_name = @legal_name, registration_label = @registration_label, registration_number = @registration_number,
			phone = @phone, email = @email, website = @website, address = @address, brand_colour = @brand_colour, time_zone = @time_zone, currency = @currency, locale = @locale,
			terms = @terms, welcome_text = @welcome_text, show_credit = @show_credit, version = version + 1, updated_at = now()`,
		pgx.NamedArgs{
			"trading_name": d.TradingName, "legal_name": d.LegalName, "registration_label": d.RegistrationLabel, "registration_number": d.RegistrationNumber,
			"phone": d.Phone, "email": d.Email, "website": d.Website, "address": d.Address, "brand_colour": d.BrandColour, "time_zone": d.TimeZone,
			"currency": d.Currency, "locale": d.Locale, "terms": d.Terms, "welcome_text": d.WelcomeText, "show_credit": d.ShowCredit,
		})
	if err != nil {
		return fmt.Errorf("edit company: %w", err)
	}
	after := before
	after.Details, after.Version = d, version+1
	return record(ctx, tx, by, audit.CompanyEdited, before, after)
}

// Picture is an image that is kept in the store already, its size in pixels;
// the zero Picture is none.
type Picture struct {
	Key, Type     string
	Width, Height int
}

// SetLogo replaces the logo. It returns the key that nothing refers to any
// more, if any, to be deleted once the transaction has committed.
func SetLogo(ctx context.Context, tx postgres.Tx, by audit.Actor, logo Picture) (unused string, err error) {
	before, err := lock(ctx, tx)
	if err != nil {
		return "", err
	}
	after := before
	after.LogoKey, after.LogoType, after.LogoWidth, after.LogoHeight, after.Version = logo.Key, logo.Type, logo.Width, logo.Height, before.Version+1
	return before.LogoKey, setPictures(ctx, tx, by, before, after)
}

// SetBanner replaces the banner, and returns a key as SetLogo does.
func SetBanner(ctx context.Context, tx postgres.Tx, by audit.Actor, banner Picture) (unused string, err error) {
	before, err := lock(ctx, tx)
	if err != nil {
		return "", err
	}
	after := before
	after.BannerKey, after.BannerType, after.Version = banner.Key, banner.Type, before.Version+1
	return before.BannerKey, setPictures(ctx, tx, by, before, after)
}

func setPictures(ctx context.Context, tx postgres.Tx, by audit.Actor, before, after Company) error {
	_, err := tx.Exec(ctx, `
		update company set logo_key = @logo, logo_type = @logo_type, logo_width = @logo_width, logo_height = @logo_height, banner_key = @banner, banner_type = @banner_type, version = version + 1, updated_at = now()`,
		pgx.NamedArgs{"logo": after.LogoKey, "logo_type": after.LogoType, "logo_width": after.LogoWidth, "logo_height": after.LogoHeight, "banner": after.BannerKey, "banner_type": after.BannerType})
	if err != nil {
		return fmt.Errorf("set logo or banner: %w", err)
	}
	return record(ctx, tx, by, audit.CompanyEdited, before, after)
}

func record(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, before, after Company) error {
	return audit.Record(ctx, tx, by, audit.New{Action: action, ID: 1, Label: after.TradingName, Before: before, After: after})
}

// QueryZones adds the time zones to choose from, by name.
func QueryZones(b *postgres.Batch, into *[]string) {
	postgres.QueryValues(b, into, `
		select name from pg_timezone_names
		where name ~ '^(Africa|America|Antarctica|Arctic|Asia|Atlantic|Australia|Europe|Indian|Pacific)/' or name = 'UTC'
		order by name`, nil)
}

// TaxRate is a tax that a line of a quote may carry. Percent is exact: 10 is 10 %.
type TaxRate struct {
	ID      int64           `json:"-"`
	Name    string          `json:"name"`
	Percent decimal.Decimal `json:"percent"`
	// A second tax that goes with it, each on the price alone; none without a name.
	SecondName    string          `json:"second_name,omitempty"`
	SecondPercent decimal.Decimal `json:"second_percent"`
	Active        bool            `json:"active"`
	Standard      bool            `json:"standard"` // what new lines carry
}

const rateColumns = `id, name, percent::text as percent, second_name, second_percent::text as second_percent, active, standard`

// QueryTaxRates adds a query for all rates: the standard one first, then those
// in use.
func QueryTaxRates(b *postgres.Batch, into *[]TaxRate) {
	postgres.Query(b, into, `select `+rateColumns+` from tax_rates order by standard desc, active desc, name collate "und-x-icu", id`, nil)
}

// TaxRates is QueryTaxRates by itself.
func TaxRates(ctx context.Context, db postgres.DB) (rates []TaxRate, err error) {
	if err = postgres.Read(ctx, db, func(b *postgres.Batch) { QueryTaxRates(b, &rates) }); err != nil {
		return nil, fmt.Errorf("tax rates: %w", err)
	}
	return rates, nil
}

// TypedRate is a rate as typed: "10", "12.5", "12,5 %". The second tax, which
// goes with it, may be left out.
type TypedRate struct{ Name, Percent, SecondName, SecondPercent string }

// AddTaxRate adds a rate.
func AddTaxRate(ctx context.Context, tx postgres.Tx, by audit.Actor, typed TypedRate) error {
	_, err := addTaxRate(ctx, tx, by, typed)
	return err
}

func (t TypedRate) read() (rate TaxRate, err error) {
	p, ok := problem.Set{}, false
	rate = TaxRate{Name: t.Name, SecondName: t.SecondName, Active: true}
	const words = "Enter a rate from 0 to 100 with at most three decimals."
	p.Unless(t.Name != "", "rate_name", "Enter the tax's name, such as GST.")
	p.Name(t.Name, "rate_name", "name")
	rate.Percent, ok = ReadPercent(t.Percent)
	p.Unless(ok, "rate_percent", words)
	if t.SecondName != "" || t.SecondPercent != "" {
		p.Unless(t.SecondName != "", "second_name", "Enter the second tax's name, too.")
		p.Name(t.SecondName, "second_name", "name")
		rate.SecondPercent, ok = ReadPercent(t.SecondPercent)
		p.Unless(ok && rate.SecondPercent.IsPositive(), "second_percent", words)
		p.Unless(!strings.EqualFold(t.Name, t.SecondName), "second_name", "This is the first tax already.")
	}
	return rate, p.Err()
}

func addTaxRate(ctx context.Context, tx postgres.Tx, by audit.Actor, typed TypedRate) (id int64, err error) {
	rate, err := typed.read()
	if err != nil {
		return 0, err
	}
	// One press of Add makes one rate: the same again within a form is the same press.
	err = tx.QueryRow(ctx, `
		insert into tax_rates (name, percent, second_name, second_percent) select @name, @percent::text::numeric, @second, @second_percent::text::numeric
		where not exists (select from tax_rates where lower(name) = lower(@name) and percent = @percent::text::numeric
			and lower(second_name) = lower(@second) and second_percent = @second_percent::text::numeric and active)
		returning id`, pgx.NamedArgs{"name": rate.Name, "percent": rate.Percent.String(), "second": rate.SecondName, "second_percent": rate.SecondPercent.String()}).Scan(&rate.ID)
	if errors.Is(err, pgx.ErrNoRows) {
		return 0, problem.Of("rate_name", "There is already an active rate with this name and per cent.")
	}
	if err != nil {
		return 0, fmt.Errorf("add tax rate: %w", err)
	}
	return rate.ID, recordRate(ctx, tx, by, audit.TaxRateCreated, TaxRate{}, rate)
}

// SetTaxRateActive offers a rate for new lines, or not any more. Lines that
// carry it stay as they are. The standard rate is always active.
func SetTaxRateActive(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64, active bool) error {
	before, err := lockRate(ctx, tx, id)
	if err != nil {
		return err
	}
	if before.Active == active {
		return nil
	}
	if before.Standard {
		return apperr.Conflictf("%s is the standard rate. Make another rate the standard first.", before.Name)
	}
	after := before
	after.Active = active
	if _, err := tx.Exec(ctx, `update tax_rates set active = @active where id = @id`, pgx.NamedArgs{"id": id, "active": active}); err != nil {
		return fmt.Errorf("tax rate %d: %w", id, err)
	}
	return recordRate(ctx, tx, by, audit.TaxRateEdited, before, after)
}

// SetStandardTaxRate makes a rate the one that new lines carry.
func SetStandardTaxRate(ctx context.Context, tx postgres.Tx, by audit.Actor, id int64) error {
	// One after another: two at once would both find no standard rate.
	if _, err := lock(ctx, tx); err != nil {
		return err
	}
	before, err := lockRate(ctx, tx, id)
	if err != nil {
		return err
	}
	if before.Standard {
		return nil
	}
	after := before
	after.Standard, after.Active = true, true
	for _, sql := range []string{`update tax_rates set standard = false where standard and id <> @id`, `update tax_rates set standard = true, active = true where id = @id`} {
		if _, err := tx.Exec(ctx, sql, pgx.NamedArgs{"id": id}); err != nil {
			return fmt.Errorf("standard tax rate %d: %w", id, err)
		}
	}
	return recordRate(ctx, tx, by, audit.TaxRateEdited, before, after)
}

func lockRate(ctx context.Context, tx postgres.Tx, id int64) (TaxRate, error) {
	rows, err := tx.Query(ctx, `select `+rateColumns+` from tax_rates where id = @id for update`, pgx.NamedArgs{"id": id})
	if err != nil {
		return TaxRate{}, fmt.Errorf("read tax rate: %w", err)
	}
	r, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[TaxRate])
	if errors.Is(err, pgx.ErrNoRows) {
		return TaxRate{}, apperr.NotFound
	}
	if err != nil {
		return TaxRate{}, fmt.Errorf("read tax rate: %w", err)
	}
	return r, nil
}

func recordRate(ctx context.Context, tx postgres.Tx, by audit.Actor, action audit.Action, before, after TaxRate) error {
	e := audit.New{Action: action, ID: after.ID, Label: after.Name, After: after}
	if action != audit.TaxRateCreated {
		e.Before = before
	}
	return audit.Record(ctx, tx, by, e)
}

// BringTaxRate has a rate as another installation has it: made when there was
// none of its name and per cents, changed when it was offered otherwise.
func BringTaxRate(ctx context.Context, tx postgres.Tx, by audit.Actor, r TaxRate) (id int64, made, changed bool, err error) {
	active, standard := true, false
	err = tx.QueryRow(ctx, `
		select id, active, standard from tax_rates
		where lower(name) = lower(@name) and percent = @percent::text::numeric and lower(second_name) = lower(@second) and second_percent = @second_percent::text::numeric
		order by active = @active desc, active desc, id limit 1`,
		pgx.NamedArgs{"name": r.Name, "percent": r.Percent.String(), "second": r.SecondName, "second_percent": r.SecondPercent.String(), "active": r.Active}).Scan(&id, &active, &standard)
	if errors.Is(err, pgx.ErrNoRows) {
		typed := TypedRate{Name: r.Name, Percent: r.Percent.String(), SecondName: r.SecondName}
		if !r.SecondPercent.IsZero() {
			typed.SecondPercent = r.SecondPercent.String()
		}
		made = true
		id, err = addTaxRate(ctx, tx, by, typed)
	}
	switch {
	case err != nil:
		return 0, false, false, fmt.Errorf("bring in a tax rate: %w", err)
	case r.Standard && !standard:
		return id, made, !made, SetStandardTaxRate(ctx, tx, by, id)
	case r.Active != active:
		return id, made, !made, SetTaxRateActive(ctx, tx, by, id, r.Active)
	}
	return id, made, false, nil
}
