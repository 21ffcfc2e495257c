package portal

import (
	"context"
	"fmt"
	"time"

	"fieldgate/internal/company"
	"fieldgate/internal/postgres"
)

// ReadBusiness is what pages show before anybody has signed in.
func ReadBusiness(ctx context.Context, db postgres.DB) (Business, error) {
	var (
		b                      Business
		now                    time.Time
		zone, locale, currency string
	)
	err := db.QueryRow(ctx, `
		select co.trading_name, co.phone, co.email, co.website, co.welcome_text, co.brand_colour, co.logo_key <> '', co.logo_width, co.logo_height, co.banner_key <> '', co.version,
			now(), co.time_zone, co.locale, co.currency, co.show_credit, i.demo, exists (select from company_logins where active)
		from company co cross join installation i`,
	).Scan(&b.Name, &b.Phone, &b.Email, &b.Website, &b.Welcome, &b.Colour, &b.HasLogo, &b.LogoWidth, &b.LogoHeight, &b.HasBanner, &b.Version, &now, &zone, &locale, &currency, &b.Credit, &b.Demo, &b.CompanyLogins)
	if err != nil {
		return Business{}, fmt.Errorf("read the business: %w", err)
	}
	b.Format = company.NewFormat(now, zone, locale, currency)
	return b, nil
}
