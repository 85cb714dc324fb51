// Money as people of the language write it; without a price there is none.
import { NONE, number } from "../format.js";

export const money = (amount, currency) => (amount === null || amount === undefined ? NONE : `${number(amount, 2)}${currency ? ` ${currency}` : ""}`);
