package export

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Phone is a telephone number as a spreadsheet leaves it: bare digits would be
// taken for a number, without the + or 0 that they begin with, and -61-2 for a sum.
func Phone(typed string) string {
	if !bare.MatchString(typed) {
		return typed
	}
	sign, digits := "", digitless.ReplaceAllString(typed, "")
	if strings.HasPrefix(typed, "+") {
		sign = "+"
	}
	var groups []string
	for len(digits) > 4 {
		groups = append(groups, digits[len(digits)-3:])
		digits = digits[:len(digits)-3]
	}
	groups = append(groups, digits)
	slices.Reverse(groups)
	return sign + strings.Join(groups, " ")
}

// Harmless keeps a spreadsheet from running what a customer typed: cells that
// begin like a formula get an apostrophe in front
// (https://owasp.org/www-community/attacks/CSV_Injection), and so does what
// follows a semicolon or a tab, where many a country's spreadsheet begins a new
// cell. Numbers and international phone numbers are no formulas. A code of bare
// digits, whose zeros in front or last digits a number would lose, follows a
// tab, which makes it a text. An import takes all of it off again.
func Harmless(cell string) string {
	if abroad.MatchString(cell) {
		cell = Phone(cell)
	}
	return quoted(cell)
}

// exact is Harmless that leaves a phone number the way it was typed.
func exact(cell string) string {
	if abroad.MatchString(cell) {
		return "'" + cell
	}
	return quoted(cell)
}

func quoted(cell string) string {
	if code.MatchString(cell) {
		return "\t" + cell
	}
	return signs.ReplaceAllStringFunc(cell, func(found string) string {
		if utf8.RuneCountInString(found) > 1 {
			return found[:1] + "'" + found[1:]
		}
		if number.MatchString(cell) {
			return found
		}
		return "'" + found
	})
}

var (
	// signs begin a formula; the wide ones do so where people type them.
	signs  = regexp.MustCompile(`^[=+\-@\t\r\n＝＋－＠]|[;\t][ ]*[=+\-@＝＋－＠]`)
	number = regexp.MustCompile(`^[+-][0-9][0-9., ()]*$`)
	// bare is a telephone number that a spreadsheet would reckon with.
	bare      = regexp.MustCompile(`^(\+[0-9][0-9.-]{5,19}|[0-9]{6,20})$`)
	abroad    = regexp.MustCompile(`^\+[0-9]{7,}$`)
	digitless = regexp.MustCompile(`[^0-9]`)
	code      = regexp.MustCompile(`^(0[0-9]+|[0-9]{16,})$`)
)
