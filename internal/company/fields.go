package company

import "fieldgate/internal/problem"

// Field is the description of each field of the business: its name, its label and
// how long it may be, for whoever shows, reads or checks it.
var Field = struct {
	BrandColour, WelcomeText, ShowCredit, TradingName, LegalName, RegistrationLabel, RegistrationNumber, Phone, Email, Website, Address, TimeZone, Locale, Currency, Terms problem.Field
}{
	BrandColour:        problem.Field{Name: "brand_colour", Label: "Brand colour", Max: 7},
	WelcomeText:        problem.Field{Name: "welcome_text", Label: "Welcome text", Max: problem.MaxText},
	ShowCredit:         problem.Field{Name: "show_credit", Label: "Show “Fieldgate” in the footer"},
	TradingName:        problem.Field{Name: "trading_name", Label: "Trading name", Max: problem.MaxName},
	LegalName:          problem.Field{Name: "legal_name", Label: "Legal name", Max: problem.MaxName},
	RegistrationLabel:  problem.Field{Name: "registration_label", Label: "Registration label", Max: problem.MaxName},
	RegistrationNumber: problem.Field{Name: "registration_number", Label: "Registration number", Max: problem.MaxName},
	Phone:              problem.Field{Name: "phone", Label: "Phone", Max: problem.MaxName, Called: "phone number"},
	Email:              problem.Field{Name: "email", Label: "Email Address", Max: problem.MaxEmail},
	Website:            problem.Field{Name: "website", Label: "Website", Max: 500},
	Address:            problem.Field{Name: "address", Label: "Address"},
	TimeZone:           problem.Field{Name: "time_zone", Label: "Time zone"},
	Locale:             problem.Field{Name: "locale", Label: "Dates and numbers as in"},
	Currency:           problem.Field{Name: "currency", Label: "Currency", Max: 3},
	Terms:              problem.Field{Name: "terms", Label: "Terms and conditions", Max: problem.MaxText},
}

// Fields are the fields of the business in the order of its form.
var Fields = problem.Fields{
	Field.BrandColour, Field.WelcomeText, Field.ShowCredit, Field.TradingName, Field.LegalName, Field.RegistrationLabel, Field.RegistrationNumber, Field.Phone, Field.Email, Field.Website, Field.Address, Field.TimeZone, Field.Locale, Field.Currency, Field.Terms,
}
