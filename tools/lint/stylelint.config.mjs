// How stylesheets are written: stylelint's standard, and the ways of this project.
export default {
  extends: ["stylelint-config-standard"],
  plugins: ["@stylistic/stylelint-plugin"],
  reportNeedlessDisables: true,
  reportInvalidScopeDisables: true,
  rules: {
    "declaration-block-single-line-max-declarations": 1,
    "@stylistic/declaration-block-semicolon-newline-after": "always",
    "@stylistic/declaration-block-trailing-semicolon": "always",
    "@stylistic/declaration-colon-space-after": "always-single-line",
    "@stylistic/declaration-colon-space-before": "never",
    "@stylistic/block-opening-brace-newline-after": "always",
    "@stylistic/block-opening-brace-space-before": "always",
    "@stylistic/block-closing-brace-newline-before": "always",
    "@stylistic/selector-list-comma-newline-after": "always",
    "@stylistic/selector-combinator-space-before": "always",
    "@stylistic/selector-combinator-space-after": "always",
    "@stylistic/indentation": [2, { ignore: ["value"] }],
    "@stylistic/max-empty-lines": 1,
    "@stylistic/no-eol-whitespace": true,
    "@stylistic/no-missing-end-of-source-newline": true,
    "@stylistic/string-quotes": "double",
    "@stylistic/number-leading-zero": "always",
    "@stylistic/unit-case": "lower",

    // Layers and specificity decide, not where a rule stands.
    "no-descending-specificity": null,
    // What Safari knows by its own name only.
    "property-no-vendor-prefix": [true, { ignoreProperties: ["text-size-adjust"] }],
    "value-no-vendor-prefix": [true, { ignoreValues: ["match-parent", "box"] }],
    "declaration-property-value-no-unknown": [true, { ignoreProperties: { "text-align": "-webkit-match-parent" } }],
    // block, block__element, block--modifier
    "selector-class-pattern": ["^[a-z][a-z0-9]*(-[a-z0-9]+)*(__[a-z0-9-]+)?(--[a-z0-9-]+)?$", { message: "a class is block, block__element or block--modifier" }],
    // Colours are written as they were measured, bounds as CSS has always had them.
    "number-max-precision": 6,
    "lightness-notation": "percentage",
    "hue-degree-notation": "number",
    "alpha-value-notation": "number",
    "media-feature-range-notation": "prefix",
    "selector-max-id": 1,
    "value-keyword-case": ["lower", { ignoreProperties: ["--font", "--mono"], camelCaseSvgKeywords: false, ignoreKeywords: ["ButtonBorder", "CanvasText", "Highlight"] }],
    "color-named": ["never", { ignore: ["inside-function"] }],
  },
};
