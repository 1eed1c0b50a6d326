event-there-is-more-after = There is more: --after
event-another-feed-began-tokens-of-before-are = Another feed began { $begun-at }; tokens of before are refused.
