// Shows the document that the page names. A file of its own, so that the page needs no inline script.
window.addEventListener("DOMContentLoaded", () => {
  const place = document.getElementById("swagger-ui");
  window.ui = SwaggerUIBundle({
    url: new URL(place.dataset.spec, window.location.href).href,
    domNode: place,
    presets: [SwaggerUIBundle.presets.apis],
    layout: "BaseLayout",
    deepLinking: true,
    displayRequestDuration: true,
    tryItOutEnabled: true,
    // by default documents are sent to validator.swagger.io
    validatorUrl: null,
  });
});
