// A page that fails takes neither the others nor the header down.
import { Component } from "preact";
import { html } from "../html.js";
import { t } from "../words.js";

export class Boundary extends Component {
  constructor() {
    super();
    this.state = { error: null };
  }

  static getDerivedStateFromError(error) {
    return { error };
  }

  componentDidCatch(error) {
    console.error(error);
  }

  componentDidUpdate(before) {
    if (before.of !== this.props.of && this.state.error) this.setState({ error: null });
  }

  render({ children }, { error }) {
    if (!error) return children;
    return html`<section class="blank" role="alert">
      <h1>${t("error.title")}</h1>
      <p>${t("error.text")}</p>
      <p class="soft"><code>${String(error.message || error)}</code></p>
      <p><button type="button" onClick=${() => location.reload()}>${t("error.reload")}</button> <a href="/status">${t("error.plain")}</a></p>
    </section>`;
  }
}
