package company

import "github.com/shopspring/decimal"

// PlainMoney writes an amount for other programs: "1234.50".
func PlainMoney(minor int64, currency string) string {
	return PlainPrice(decimal.NewFromInt(minor), currency)
}

// PlainPrice is PlainMoney of a unit price in minor units and parts of them: "0.1234".
func PlainPrice(minor decimal.Decimal, currency string) string {
	n := Format{}.Price(currency)
	return n.Write(n.Major(minor))
}
